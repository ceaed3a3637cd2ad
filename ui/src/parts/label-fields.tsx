// The labels that a person gives: a key and a value each.

import { ActionIcon, Button, TextInput } from "@mantine/core";
import { Plus, X } from "lucide-react";
import { useState } from "react";
import type { Label } from "../api/types.ts";

interface Line extends Label {
  number: number;
}

/** Labels that only the system sets. */
export const isOwn = ({ key }: Label): boolean => !key.startsWith("system.");

export function LabelFields({ present = [] }: { present?: readonly Label[] }) {
  const [lines, setLines] = useState<readonly Line[]>(() => numbered(present));
  const [next, setNext] = useState(lines.length);
  const add = () => {
    setLines([...lines, { number: next, key: "", value: "" }]);
    setNext(next + 1);
  };
  return (
    <fieldset className="labels">
      <legend>Labels</legend>
      {lines.map(({ number, key, value }, at) => (
        <div className="label-line" key={number}>
          <TextInput
            name="label-key"
            aria-label={`Key of label ${at + 1}`}
            placeholder="key"
            defaultValue={key}
          />
          <TextInput
            name="label-value"
            aria-label={`Value of label ${at + 1}`}
            placeholder="value"
            defaultValue={value}
          />
          <ActionIcon
            variant="subtle"
            color="gray"
            aria-label={`Remove label ${at + 1}`}
            onClick={() => setLines(lines.filter(each => each.number !== number))}
          >
            <X size={14} aria-hidden />
          </ActionIcon>
        </div>
      ))}
      <Button size="compact-sm" variant="subtle" leftSection={<Plus size={13} aria-hidden />} onClick={add}>
        Add a label
      </Button>
    </fieldset>
  );
}

function numbered(present: readonly Label[]): Line[] {
  const own = present.filter(isOwn);
  return (own.length ? own : [{ key: "", value: "" }]).map((label, number) => ({ ...label, number }));
}

/** Lines without a key and a value are passed over. */
export function labelsIn(form: FormData): Label[] {
  const values = form.getAll("label-value").map(String);
  return form
    .getAll("label-key")
    .map((key, at) => ({ key: String(key).trim(), value: (values[at] ?? "").trim() }))
    .filter(({ key, value }) => key || value);
}
