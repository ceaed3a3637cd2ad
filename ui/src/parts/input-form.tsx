// The form of a flow's inputs, or of a pause's, with the button that sends them.

import { Button } from "@mantine/core";
import { type ReactNode, type SubmitEvent, useEffect, useId, useState, useSyncExternalStore } from "react";
import type { FlowInput } from "../api/types.ts";
import { InputForm } from "../model/input-form.ts";
import { Problem, useAct } from "./act.tsx";
import { InputField } from "./input-field.tsx";

interface InputsProps {
  target: string;
  declared: readonly FlowInput[];
  /** What is said if it asks for nothing. */
  nothing: string;
  /** The text of the button. */
  act: string;
  disabled?: boolean;
  note?: ReactNode;
  send: (body: FormData | undefined) => Promise<void>;
}

export function Inputs({ target, declared, nothing, act, disabled = false, note, send }: InputsProps) {
  const [form] = useState(() => new InputForm(target, declared));
  const fields = useSyncExternalStore(form.subscribe, form.now);
  const { busy, error, run } = useAct();
  const place = useId();
  const idOf = (number: number) => `input-${number}`;
  useEffect(() => {
    form.load().catch(() => {}); // sending it says what is wrong, too
  }, [form]);
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    void run(async () => {
      const wrong = await form.check();
      if (wrong === null) return send(form.body());
      const number = fields.findIndex(field => field.input.id === wrong);
      document.getElementById(idOf(number))?.focus();
    });
  };
  return (
    <form className="fields" id={place} noValidate onSubmit={submit}>
      {fields.length ? null : <p className="note">{nothing}</p>}
      {fields.map((field, number) => (
        <InputField
          key={field.input.id}
          field={field}
          name={idOf(number)}
          give={given => form.give(field.input.id, given)}
          leave={() => form.leave(field.input.id)}
        />
      ))}
      {note}
      <Problem error={error} />
      <Button type="submit" loading={busy} disabled={disabled}>
        {act}
      </Button>
    </form>
  );
}
