// A moment, in the same form on every page, in the browser's time zone.

import { exactText, momentText } from "../model/time.ts";

export function Moment({ at }: { at: string }) {
  const moment = new Date(at);
  return (
    <time dateTime={at} title={exactText(moment)}>
      {momentText(moment)}
    </time>
  );
}
