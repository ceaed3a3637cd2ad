// Acts on many executions at once. The question says on how many, and the answer how many it were.

import { Button } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api } from "../api/client.ts";
import { counted } from "../model/words.ts";
import { Problem, useAct } from "./act.tsx";
import { useConfirm } from "./confirm.tsx";

interface Bulk {
  name: string;
  method: string;
  target: string;
  text: string;
  /** What happened, after the number. */
  done: string;
  danger?: boolean;
}

const ACTS: readonly Bulk[] = [
  {
    name: "Restart",
    method: "POST",
    target: "executions/restart/by-ids",
    text: "Each continues where it stopped. Tasks that failed run again, with all their effects.",
    done: "restarted",
  },
  {
    name: "Replay",
    method: "POST",
    target: "executions/replay/by-ids",
    text: "For each a new execution begins with the same inputs. All tasks run again, with all their effects.",
    done: "replayed",
  },
  {
    name: "Kill",
    method: "DELETE",
    target: "executions/kill/by-ids",
    text: "Their running tasks are stopped, and those that have not begun never will. This cannot be undone.",
    done: "being killed",
    danger: true,
  },
  {
    name: "Delete",
    method: "DELETE",
    target: "executions/by-ids",
    text: "Their task runs, outputs, logs, metrics and files are deleted with them. This cannot be undone.",
    done: "deleted",
    danger: true,
  },
];

export function BulkActs({ chosen, clear }: { chosen: ReadonlySet<string>; clear: () => void }) {
  const { busy, error, run } = useAct();
  const [told, setTold] = useState("");
  const confirmed = useConfirm();
  const queries = useQueryClient();
  const press = (act: Bulk) => async () => {
    setTold("");
    const title = `${act.name} ${counted(chosen.size, "execution")}?`;
    if (!(await confirmed({ title, text: act.text, ...(act.danger ? { danger: true } : {}) }))) return;
    const body = JSON.stringify([...chosen]);
    const headers = { "Content-Type": "application/json" };
    const { count } = await api<{ count: number }>(act.target, { method: act.method, body, headers });
    setTold(`${counted(count, "execution")} ${act.done}.`);
    clear();
    await queries.invalidateQueries({ queryKey: ["executions"] });
  };
  return (
    <>
      {chosen.size ? (
        <div className="bulk">
          <strong>{`${chosen.size} chosen`}</strong>
          {ACTS.map(act => (
            <Button
              key={act.name}
              size="compact-sm"
              variant="default"
              className={act.danger ? "danger" : ""}
              disabled={busy}
              onClick={() => void run(press(act))}
            >
              {act.name}
            </Button>
          ))}
          <Button size="compact-sm" variant="subtle" color="gray" onClick={clear}>
            Choose none
          </Button>
        </div>
      ) : null}
      <div role="status">{told ? <p className="done">{told}</p> : null}</div>
      <Problem error={error} />
    </>
  );
}
