// The form of a flow's inputs, or of a pause's, with the button that sends them.

import { Button } from "@mantine/core";
import { type ReactNode, type SubmitEvent, useEffect, useId, useState, useSyncExternalStore } from "react";
import type { FlowInput } from "../api/types.ts";
import { InputForm } from "../model/input-form.ts";
import { Problem, useAct } from "./act.tsx";
import { InputField } from "./input-field.tsx";

interface InputsProps {
  target: string;
  /** Of the flow, if it is not the latest. */
  revision?: string;
  declared: readonly FlowInput[];
  /** What is said if it asks for nothing. */
  nothing: string;
  /** The text of the button. */
  act: string;
  disabled?: boolean;
  note?: ReactNode;
  /** The values to begin with. */
  values?: Readonly<Record<string, unknown>>;
  /** Stands beside the button. */
  beside?: ReactNode;
  /** Stands below. */
  more?: (form: InputForm) => ReactNode;
  send: (body: FormData | undefined) => Promise<void>;
}

export function Inputs(props: InputsProps) {
  const {
    target,
    revision,
    declared,
    nothing,
    act,
    disabled = false,
    note,
    values,
    beside,
    more,
    send,
  } = props;
  const [form] = useState(() => new InputForm(target, declared, { values, revision }));
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
      <Fields form={form} idOf={idOf} />
      {note}
      <Problem error={error} />
      <div className="row">
        <Button type="submit" loading={busy} disabled={disabled}>
          {act}
        </Button>
        {beside}
      </div>
      {more?.(form)}
    </form>
  );
}

interface FieldsProps {
  form: InputForm;
  /** The id of the control of the field with this number. */
  idOf: (number: number) => string;
}

export function Fields({ form, idOf }: FieldsProps) {
  const fields = useSyncExternalStore(form.subscribe, form.now);
  return fields.map((field, number) => (
    <InputField
      key={field.input.id}
      field={field}
      name={idOf(number)}
      give={given => form.give(field.input.id, given)}
      leave={() => form.leave(field.input.id)}
    />
  ));
}
