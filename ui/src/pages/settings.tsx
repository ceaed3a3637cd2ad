// What a reader chooses for this browser.

import { NativeSelect, TextInput, useMantineColorScheme } from "@mantine/core";
import { useSyncExternalStore } from "react";
import {
  DATE_FORMS,
  type DateForm,
  FONT_SIZES,
  ROW_COUNTS,
  type Settings,
  settings,
} from "../model/settings.ts";
import { momentText } from "../model/time.ts";
import { Card, Page } from "../parts/page.tsx";

const ZONES: readonly string[] = [
  "UTC",
  ...Intl.supportedValuesOf("timeZone").filter(each => each !== "UTC"),
];
const COLOURS = [
  { value: "auto", label: "as the system" },
  { value: "light", label: "light" },
  { value: "dark", label: "dark" },
];

export function SettingsPage() {
  const now = useSyncExternalStore(settings.subscribe, settings.now);
  const change = (changed: Partial<Settings>) => settings.change(changed);
  return (
    <Page
      title="Settings"
      heading="Settings"
      note="Kept in this browser. A change holds at once, on every page."
    >
      <div className="halves">
        <Card title="Look">
          <div className="fields">
            <Colours />
            <NativeSelect
              label="Rows on a page of a list"
              value={String(now.rows)}
              data={[
                { value: "0", label: "as suits the list" },
                ...ROW_COUNTS.map(each => ({ value: String(each), label: String(each) })),
              ]}
              onChange={event => change({ rows: Number(event.currentTarget.value) })}
            />
          </div>
        </Card>
        <Card title="Dates">
          <div className="fields">
            <NativeSelect
              label="Time zone"
              value={now.zone}
              data={[{ value: "", label: "that of the browser" }, ...ZONES]}
              onChange={event => change({ zone: event.currentTarget.value })}
            />
            <NativeSelect
              label="Form of dates"
              value={now.dates}
              data={[...DATE_FORMS]}
              onChange={event => change({ dates: event.currentTarget.value as DateForm })}
            />
            <p className="note">{`Now is ${momentText(new Date())}.`}</p>
          </div>
        </Card>
        <Card title="Writing flows">
          <div className="fields">
            <TextInput
              label="Namespace of new flows"
              defaultValue={now.namespace}
              onChange={event => change({ namespace: event.currentTarget.value.trim() })}
            />
            <NativeSelect
              label="Font size of the editor"
              value={String(now.fontSize)}
              data={FONT_SIZES.map(each => ({ value: String(each), label: `${each} px` }))}
              onChange={event => change({ fontSize: Number(event.currentTarget.value) })}
            />
          </div>
        </Card>
      </div>
    </Page>
  );
}

function Colours() {
  // To stop transitions, the library would make a style element of text, which the policy refuses.
  const { colorScheme, setColorScheme } = useMantineColorScheme({ keepTransitions: true });
  return (
    <NativeSelect
      label="Colours"
      value={colorScheme}
      data={COLOURS}
      onChange={event => setColorScheme(event.currentTarget.value as typeof colorScheme)}
    />
  );
}
