// Asks how an execution is replayed or restarted: from which task, on which revision, with which inputs.

import { Button, Modal, NativeSelect } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { type ReactNode, type SubmitEvent, useState } from "react";
import { api, path } from "../api/client.ts";
import type { Execution, Flow, Revision, TaskRun } from "../api/types.ts";
import { momentText } from "../model/time.ts";
import { nameOf, ordered } from "../model/tree.ts";
import { Problem, useAct } from "./act.tsx";
import { Inputs } from "./input-form.tsx";
import { Loaded } from "./page.tsx";

const SAME = "same";
const OTHER = "other";

interface RepeatDialogProps {
  execution: Execution;
  /** The task run that it begins with. */
  from?: TaskRun | undefined;
  close: () => void;
}

export function ReplayDialog({ execution, from, close }: RepeatDialogProps) {
  const [run, setRun] = useState(from?.id ?? "");
  const [revision, setRevision] = useState(String(execution.flowRevision));
  const [inputs, setInputs] = useState(SAME);
  const begin = useBeginning(execution, close);
  const runs = ordered(execution.taskRunList ?? []);
  const query = new URLSearchParams({ revision, ...(run ? { taskRunId: run } : {}) });
  const at = `executions/${path(execution.id)}/actions`;
  return (
    <Dialog title="Replay this execution?" close={close}>
      <p>
        {run
          ? "A new execution begins with this task. Tasks before it keep their outputs and do not run again; this one and those after it do, with all their effects."
          : "A new execution begins. All its tasks run again, with all their effects."}
      </p>
      <div className="fields">
        <NativeSelect
          label="From"
          value={run}
          data={[
            { value: "", label: "the beginning" },
            ...runs.map(({ run: each }) => ({ value: each.id, label: nameOf(each) })),
          ]}
          onChange={event => setRun(event.currentTarget.value)}
        />
        <RevisionChoice execution={execution} value={revision} choose={setRevision} />
        <NativeSelect
          label="Inputs"
          value={inputs}
          data={[
            { value: SAME, label: "the same" },
            { value: OTHER, label: "others" },
          ]}
          onChange={event => setInputs(event.currentTarget.value)}
        />
        {inputs === OTHER ? (
          <OtherInputs
            key={revision}
            execution={execution}
            revision={revision}
            close={close}
            send={body => begin(`${at}/replay-with-inputs?${query}`, body)}
          />
        ) : null}
      </div>
      {inputs === SAME ? <Answers close={close} go={() => begin(`${at}/replay?${query}`)} /> : null}
    </Dialog>
  );
}

interface RestartDialogProps extends RepeatDialogProps {
  /** Makes the same execution go on. */
  restart: () => Promise<void>;
}

export function RestartDialog({ execution, close, restart }: RestartDialogProps) {
  const [revision, setRevision] = useState(String(execution.flowRevision));
  const begin = useBeginning(execution, close);
  const same = revision === String(execution.flowRevision);
  const go = async () => {
    if (!same) return begin(`executions/${path(execution.id)}/actions/restart?revision=${revision}`);
    await restart();
    close();
  };
  return (
    <Dialog title="Restart this execution?" close={close}>
      <p>
        {same
          ? "It continues where it stopped. Tasks that succeeded do not run again. Tasks that failed do, with all their effects."
          : "A new execution begins on this revision, where this one stopped. Tasks that succeeded do not run again. Tasks that failed do, with all their effects."}
      </p>
      <div className="fields">
        <RevisionChoice execution={execution} value={revision} choose={setRevision} />
      </div>
      <Answers close={close} go={go} />
    </Dialog>
  );
}

/** Starts another execution, and opens its page. */
function useBeginning({ namespace, flowId }: Execution, close: () => void) {
  const navigate = useNavigate();
  return async (target: string, body?: FormData) => {
    const { id } = await api<Execution>(target, { method: "POST", body: body ?? null });
    close();
    await navigate({
      to: "/main/executions/$namespace/$flowId/$id/{-$tab}",
      params: { namespace, flowId, id, tab: undefined },
    });
  };
}

interface RevisionChoiceProps {
  execution: Execution;
  value: string;
  choose: (revision: string) => void;
}

function RevisionChoice({ execution, value, choose }: RevisionChoiceProps) {
  const { namespace, flowId, flowRevision } = execution;
  const { data = [] } = useQuery({
    queryKey: ["flow", namespace, flowId, "revisions", "all"],
    queryFn: ({ signal }) => api<Revision[]>(`flows/${path(namespace, flowId)}/revisions`, { signal }),
  });
  const newest = Math.max(...data.map(each => each.revision));
  const others = data.filter(each => each.revision !== flowRevision).toReversed();
  return (
    <NativeSelect
      label="Revision"
      value={value}
      data={[
        { value: String(flowRevision), label: `${flowRevision} · the one that ran` },
        ...others.map(({ revision, updated }) => ({
          value: String(revision),
          label: [
            revision,
            ...(revision === newest ? ["the latest"] : []),
            ...(updated ? [momentText(new Date(updated))] : []),
          ].join(" · "),
        })),
      ]}
      onChange={event => choose(event.currentTarget.value)}
    />
  );
}

interface OtherInputsProps {
  execution: Execution;
  revision: string;
  close: () => void;
  send: (body: FormData | undefined) => Promise<void>;
}

function OtherInputs({ execution, revision, close, send }: OtherInputsProps) {
  const { namespace, flowId, inputs = {} } = execution;
  const flow = useQuery({
    queryKey: ["flow", namespace, flowId, "revision", revision],
    queryFn: ({ signal }) =>
      api<Flow>(`flows/${path(namespace, flowId)}?revision=${revision}&allowDeleted=true`, { signal }),
  });
  return (
    <Loaded of={flow}>
      {found => (
        <Inputs
          target={`executions/${path(namespace, flowId)}`}
          revision={revision}
          declared={found.inputs ?? []}
          values={inputs}
          nothing="This revision takes no inputs."
          act="Confirm"
          beside={
            <Button variant="default" onClick={close}>
              Cancel
            </Button>
          }
          send={send}
        />
      )}
    </Loaded>
  );
}

interface DialogProps {
  title: string;
  close: () => void;
  children: ReactNode;
}

function Dialog({ title, close, children }: DialogProps) {
  return (
    <Modal
      opened
      onClose={close}
      title={title}
      centered
      withCloseButton={false}
      lockScroll={false}
      transitionProps={{ duration: 0 }}
    >
      {children}
    </Modal>
  );
}

function Answers({ close, go }: { close: () => void; go: () => Promise<void> }) {
  const { busy, error, run } = useAct();
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    void run(go);
  };
  return (
    <form onSubmit={submit}>
      <Problem error={error} />
      <div className="row answers">
        <Button variant="default" data-autofocus onClick={close}>
          Cancel
        </Button>
        <Button type="submit" loading={busy}>
          Confirm
        </Button>
      </div>
    </form>
  );
}
