// Asks for the past dates that a schedule shall run, and with which inputs and labels.

import { Button, Modal, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { type SubmitEvent, useState } from "react";
import { api, path, put } from "../api/client.ts";
import type { Flow, TriggerState } from "../api/types.ts";
import { InputForm } from "../model/input-form.ts";
import { instantOf, zoneText } from "../model/time.ts";
import { Problem, say, useAct } from "./act.tsx";
import { Fields } from "./input-form.tsx";
import { LabelFields, labelsIn } from "./label-fields.tsx";
import { Loaded } from "./page.tsx";
import { keyOf } from "./trigger-acts.ts";

interface BackfillDialogProps {
  state: TriggerState;
  close: () => void;
  begun: (now: TriggerState) => void;
}

export function BackfillDialog({ state, close, begun }: BackfillDialogProps) {
  const { namespace, flowId, triggerId } = state;
  const flow = useQuery({
    queryKey: ["flow", namespace, flowId, "inputs"],
    queryFn: ({ signal }) => api<Flow>(`flows/${path(namespace, flowId)}`, { signal }),
  });
  return (
    <Modal
      opened
      onClose={close}
      title={`Backfill ${triggerId}`}
      centered
      lockScroll={false}
      transitionProps={{ duration: 0 }}
      closeButtonProps={{ "aria-label": "Close" }}
    >
      <Loaded of={flow}>
        {found => <BackfillForm flow={found} state={state} close={close} begun={begun} />}
      </Loaded>
    </Modal>
  );
}

function BackfillForm({ flow, state, close, begun }: BackfillDialogProps & { flow: Flow }) {
  const [form] = useState(() => {
    const target = `executions/${path(flow.namespace, flow.id)}`;
    return new InputForm(target, flow.inputs?.filter(input => input.type !== "FILE") ?? []);
  });
  const { busy, error, run } = useAct();
  const submit = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    const given = new FormData(event.currentTarget);
    void run(async () => {
      const backfill = {
        start: isoOf(given.get("from")),
        end: isoOf(given.get("to")),
        inputs: form.texts(),
        labels: labelsIn(given),
      };
      begun(await put<TriggerState>("triggers/backfill/create", { ...keyOf(state), backfill }));
      say(`The backfill of ${state.triggerId} has begun`);
      close();
    });
  };
  return (
    <form className="fields" onSubmit={submit}>
      <p>
        Every date of the schedule in this span runs once, one after the other. The schedule itself goes on
        afterwards.
      </p>
      <div className="pair">
        <TextInput type="datetime-local" name="from" label="From" required data-autofocus />
        <TextInput type="datetime-local" name="to" label="To" />
      </div>
      <p className="note">{`In ${zoneText(new Date())}. Without an end it goes until now.`}</p>
      {flow.inputs?.length ? (
        <>
          <Fields form={form} idOf={number => `backfill-${number}`} />
          <p className="note">Inputs that are left empty are those of the trigger, or the flow's defaults.</p>
        </>
      ) : null}
      <LabelFields />
      <Problem error={error} />
      <div className="row answers">
        <Button variant="default" onClick={close}>
          Cancel
        </Button>
        <Button type="submit" loading={busy}>
          Create backfill
        </Button>
      </div>
    </form>
  );
}

/** The server takes an absent end for now. */
const isoOf = (local: FormDataEntryValue | null): string | undefined =>
  typeof local === "string" && local ? instantOf(local).toISOString() : undefined;
