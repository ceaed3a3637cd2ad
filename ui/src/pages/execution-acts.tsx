// What can be done with an execution. Each act is asked for, because it has effects outside of this page.

import { Button, NativeSelect } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { Ban, CopyPlus, type LucideIcon, Pause, RotateCw, Tag, Trash2, Wrench } from "lucide-react";
import { useState } from "react";
import { api, ask, path } from "../api/client.ts";
import type { LiveExecution } from "../api/live.ts";
import type { Execution } from "../api/types.ts";
import { ENDED, FINAL } from "../model/states.ts";
import { type Act, Problem, useAct } from "../parts/act.tsx";
import { type Question, useConfirm } from "../parts/confirm.tsx";
import { LabelFields, labelsIn } from "../parts/label-fields.tsx";
import { ReplayDialog, RestartDialog } from "../parts/repeat-dialog.tsx";

const RESTARTABLE: ReadonlySet<string> = new Set(["FAILED", "KILLED", "CANCELLED", "WARNING", "PAUSED"]);
const KILL: Question = {
  title: "Kill this execution?",
  text: "Its running tasks are stopped, and those that have not begun never will. This cannot be undone.",
  danger: true,
};
const PAUSE: Question = {
  title: "Pause this execution?",
  text: "Tasks that run end. Those after them wait until somebody resumes it.",
};
const REMOVE: Question = {
  title: "Delete this execution?",
  text: "Its task runs, outputs, logs, metrics and files are deleted with it. This cannot be undone.",
  danger: true,
};

interface ActsProps {
  live: LiveExecution;
  execution: Execution;
}

export function ExecutionActs({ live, execution }: ActsProps) {
  const act = useAct();
  const { current } = execution.state;
  return (
    <>
      <Repeats live={live} execution={execution} />
      {ENDED.has(current) ? (
        <OfEnded live={live} execution={execution} act={act} />
      ) : (
        <OfRunning live={live} execution={execution} act={act} />
      )}
      <Problem error={act.error} />
    </>
  );
}

function Repeats({ live, execution }: ActsProps) {
  const [asking, setAsking] = useState<"restart" | "replay" | null>(null);
  const close = () => setAsking(null);
  const { current } = execution.state;
  const restart = async () => {
    await change(live, execution, "POST", "restart");
    live.open();
  };
  return (
    <>
      {RESTARTABLE.has(current) ? (
        <Press icon={RotateCw} name="Restart" press={() => setAsking("restart")} />
      ) : null}
      {ENDED.has(current) ? <Press icon={CopyPlus} name="Replay" press={() => setAsking("replay")} /> : null}
      {asking === "restart" ? <RestartDialog {...{ execution, close, restart }} /> : null}
      {asking === "replay" ? <ReplayDialog {...{ execution, close }} /> : null}
    </>
  );
}

function OfRunning({ live, execution, act }: ActsProps & { act: Act }) {
  const asked = useAsked(act);
  const running = execution.state.current === "RUNNING";
  return (
    <>
      {running ? (
        <Press
          icon={Pause}
          name="Pause"
          busy={act.busy}
          press={asked(PAUSE, () => change(live, execution, "POST", "pause"))}
        />
      ) : null}
      <Press
        icon={Ban}
        name="Kill"
        danger
        busy={act.busy}
        press={asked(KILL, () => change(live, execution, "DELETE", "kill"))}
      />
    </>
  );
}

function OfEnded({ live, execution, act }: ActsProps & { act: Act }) {
  const asked = useAsked(act);
  const navigate = useNavigate();
  const { current } = execution.state;
  const remove = async () => {
    await ask(`executions/${path(execution.id)}`, { method: "DELETE" });
    await navigate({ to: "/main/executions" });
  };
  const label = async (given: FormData) => {
    const body = JSON.stringify(labelsIn(given));
    await change(live, execution, "POST", "labels", {
      body,
      headers: { "Content-Type": "application/json" },
    });
  };
  const status = (given: FormData) =>
    change(live, execution, "POST", `change-status?newStatus=${String(given.get("status"))}`);
  return (
    <>
      <Press icon={Tag} name="Labels" busy={act.busy} press={asked(labelling(execution), label)} />
      {current === "KILLED" ? null : (
        <Press icon={Wrench} name="Status" busy={act.busy} press={asked(statusOf(current), status)} />
      )}
      <Press icon={Trash2} name="Delete" danger busy={act.busy} press={asked(REMOVE, remove)} />
    </>
  );
}

const labelling = ({ labels = [] }: Execution): Question => ({
  title: "Labels of this execution",
  text: "These replace the labels that it has. Labels of the system stay.",
  fields: <LabelFields present={labels} />,
});

const statusOf = (current: string): Question => ({
  title: "Change its status?",
  text: "It shows this state from now on. Nothing runs because of it, and its task runs keep theirs.",
  fields: <NativeSelect name="status" label="State" data={FINAL.filter(each => each !== current)} />,
});

function useAsked({ run }: Act) {
  const confirmed = useConfirm();
  return (question: Question, work: (given: FormData) => Promise<void>) => () =>
    void confirmed(question).then(given => (given ? run(() => work(given)) : undefined));
}

/** The answer may come after the events that it caused, and then it adds nothing. */
async function change(
  live: LiveExecution,
  { id }: Execution,
  method: string,
  action: string,
  more: RequestInit = {},
): Promise<void> {
  const before = live.now().execution.state.histories.length;
  const now = await api<Execution>(`executions/${path(id)}/actions/${action}`, { method, ...more });
  live.take(now, action === "labels" ? before : before + 1);
}

interface PressProps {
  icon: LucideIcon;
  name: string;
  press: () => void;
  busy?: boolean;
  danger?: boolean;
}

function Press({ icon: Icon, name, press, busy = false, danger = false }: PressProps) {
  return (
    <Button
      variant="default"
      className={danger ? "danger" : ""}
      disabled={busy}
      leftSection={<Icon size={14} aria-hidden />}
      onClick={press}
    >
      {name}
    </Button>
  );
}
