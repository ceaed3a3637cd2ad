// A backfill on its way, below its trigger: how far it has come, and what can be done with it.

import { Button } from "@mantine/core";
import { api } from "../api/client.ts";
import type { Backfill, TriggerState } from "../api/types.ts";
import { doneOf } from "../model/backfill.ts";
import { momentText } from "../model/time.ts";
import { Problem, say, useAct } from "./act.tsx";
import { useConfirm } from "./confirm.tsx";
import { Row } from "./table.tsx";
import { keyOf } from "./trigger-acts.ts";

interface BackfillRowProps {
  state: TriggerState;
  backfill: Backfill;
  take: (now: TriggerState) => void;
}

export function BackfillRow({ state, backfill, take }: BackfillRowProps) {
  const { busy, error, run } = useAct();
  const confirmed = useConfirm();
  const done = doneOf(backfill);
  const change = async (method: string, what: string, said: string) => {
    const body = JSON.stringify(keyOf(state));
    const headers = { "Content-Type": "application/json" };
    take(await api<TriggerState>(`triggers/backfill/${what}`, { method, body, headers }));
    say(said);
  };
  const turn = () =>
    backfill.paused
      ? change("PUT", "unpause", "The backfill goes on")
      : change("PUT", "pause", "The backfill is paused");
  const remove = async () => {
    const title = `Delete the backfill of ${state.triggerId}?`;
    const text = "The dates that have not run yet will not run. Executions that have begun go on.";
    if (await confirmed({ title, text, danger: true }))
      await change("POST", "delete", "The backfill is deleted");
  };
  return (
    <Row className="backfill">
      {/* biome-ignore lint/a11y/noRedundantRoles: a row that is shown as a card loses its role. */}
      <td colSpan={7} role="cell">
        <div className="row">
          <strong>{backfill.paused ? "Backfill paused" : "Backfill"}</strong>
          <progress max={100} value={done} aria-label={`Backfill of ${state.triggerId}`} />
          <span className="number">{`${done} %`}</span>
          <span className="note">{spanText(backfill)}</span>
          <Button size="compact-sm" variant="default" loading={busy} onClick={() => void run(turn)}>
            {backfill.paused ? "Continue" : "Pause"}
          </Button>
          <Button
            size="compact-sm"
            variant="default"
            className="danger"
            disabled={busy}
            onClick={() => void run(remove)}
          >
            Delete backfill
          </Button>
        </div>
        <Problem error={error} />
      </td>
    </Row>
  );
}

const shown = (at: string): string => momentText(new Date(at));

function spanText({ start, end, currentDate }: Backfill): string {
  const span = `from ${shown(start)} to ${shown(end)}`;
  return currentDate ? `${span}, next ${shown(currentDate)}` : `${span}, its last execution runs`;
}
