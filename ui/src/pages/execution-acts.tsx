// What can be done with an execution. Each act is asked for, because it has effects outside of this page.

import { Button } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { Ban, CopyPlus, RotateCw, Trash2 } from "lucide-react";
import { api, ask, path } from "../api/client.ts";
import type { LiveExecution } from "../api/live.ts";
import type { Execution } from "../api/types.ts";
import { ENDED } from "../model/states.ts";
import { Problem, useAct } from "../parts/act.tsx";
import { type Question, useConfirm } from "../parts/confirm.tsx";

const RESTARTABLE: ReadonlySet<string> = new Set(["FAILED", "KILLED", "CANCELLED", "WARNING", "PAUSED"]);
const KILL: Question = {
  title: "Kill this execution?",
  text: "Its running tasks are stopped, and those that have not begun never will. This cannot be undone.",
  danger: true,
};
const RESTART: Question = {
  title: "Restart this execution?",
  text: "It continues where it stopped. Tasks that succeeded do not run again. Tasks that failed do, with all their effects.",
};
const REPLAY: Question = {
  title: "Replay this execution?",
  text: "A new execution begins with the same inputs. All its tasks run again, with all their effects.",
};
const REMOVE: Question = {
  title: "Delete this execution?",
  text: "Its task runs, outputs, logs, metrics and files are deleted with it. This cannot be undone.",
  danger: true,
};
const ICON = { size: 14, "aria-hidden": true } as const;

export function ExecutionActs({ live, execution }: { live: LiveExecution; execution: Execution }) {
  const { busy, error, run } = useAct();
  const confirmed = useConfirm();
  const navigate = useNavigate();
  const { current } = execution.state;
  const ended = ENDED.has(current);
  const at = `executions/${path(execution.id)}`;
  const asked = (question: Question, work: () => Promise<void>) => () =>
    void confirmed(question).then(yes => (yes ? run(work) : undefined));

  const act = async (method: string, action: string) => {
    const before = live.now().execution.state.histories.length;
    live.take(await api<Execution>(`${at}/actions/${action}`, { method }), before + 1);
    if (action === "restart") live.open();
  };
  const replay = async () => {
    const { id, namespace, flowId } = await api<Execution>(`${at}/actions/replay`, { method: "POST" });
    await navigate({
      to: "/main/executions/$namespace/$flowId/$id/{-$tab}",
      params: { namespace, flowId, id, tab: undefined },
    });
  };
  const remove = async () => {
    await ask(at, { method: "DELETE" });
    await navigate({ to: "/main/executions" });
  };
  return (
    <>
      {RESTARTABLE.has(current) ? (
        <Button
          variant="default"
          disabled={busy}
          leftSection={<RotateCw {...ICON} />}
          onClick={asked(RESTART, () => act("POST", "restart"))}
        >
          Restart
        </Button>
      ) : null}
      {ended ? (
        <Button
          variant="default"
          disabled={busy}
          leftSection={<CopyPlus {...ICON} />}
          onClick={asked(REPLAY, replay)}
        >
          Replay
        </Button>
      ) : (
        <Button
          variant="default"
          className="danger"
          disabled={busy}
          leftSection={<Ban {...ICON} />}
          onClick={asked(KILL, () => act("DELETE", "kill"))}
        >
          Kill
        </Button>
      )}
      {ended ? (
        <Button
          variant="default"
          className="danger"
          disabled={busy}
          leftSection={<Trash2 {...ICON} />}
          onClick={asked(REMOVE, remove)}
        >
          Delete
        </Button>
      ) : null}
      <Problem error={error} />
    </>
  );
}
