// Names that people choose. They break after a separator, not in the middle of a word.

import { Fragment, type ReactNode } from "react";
import { wordsOf } from "../model/name.ts";

export function Name({ of }: { of: string }): ReactNode {
  let at = 0;
  return wordsOf(of).map(word => {
    const first = at === 0;
    at += word.length;
    return (
      <Fragment key={at}>
        {first ? null : <wbr />}
        {word}
      </Fragment>
    );
  });
}
