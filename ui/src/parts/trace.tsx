// Task runs as a table with a time axis: a pale bar for waiting, a full bar for running.

import { ActionIcon } from "@mantine/core";
import { CopyPlus } from "lucide-react";
import { memo, useEffect, useMemo, useState } from "react";
import type { Execution, TaskRun } from "../api/types.ts";
import { ENDED, tone } from "../model/states.ts";
import { lasted, span } from "../model/time.ts";
import { type Axis, barsOf } from "../model/trace.ts";
import { type Branch, nameOf, ordered } from "../model/tree.ts";
import { Name } from "./name.tsx";
import { ReplayDialog } from "./repeat-dialog.tsx";
import { StateMark } from "./state-mark.tsx";
import { Cell, Row, Table, Turner } from "./table.tsx";

/** Rows on one page. More rows would change faster than they can be drawn. */
const SIZE = 200;
const BEAT = 250;

export function Trace({ execution }: { execution: Execution }) {
  const [from, setFrom] = useState<TaskRun | null>(null);
  const replay = ENDED.has(execution.state.current) ? setFrom : null;
  const runs = useMemo(() => ordered(execution.taskRunList ?? []), [execution]);
  const [wanted, setPage] = useState(1);
  const now = useNow(!ENDED.has(execution.state.current));
  if (!runs.length) return <p className="note">No task has begun.</p>;
  const page = Math.min(wanted, Math.ceil(runs.length / SIZE));
  const shown = runs.slice((page - 1) * SIZE, page * SIZE);
  const start = Date.parse(execution.state.startDate);
  const until = execution.state.endDate ? Date.parse(execution.state.endDate) : now;
  const axis = { from: start, length: Math.max(until - start, 1), now: until };
  return (
    <>
      <Table name="Task runs" head={["Task", "State", "Duration", "Time"]} kind="trace">
        {shown.map(branch => (
          <RunRow key={branch.run.id} branch={branch} axis={axis} replay={replay} />
        ))}
      </Table>
      <Turner
        page={page}
        shown={shown.length}
        total={runs.length}
        size={SIZE}
        turn={setPage}
        words={["Previous", "Next"]}
      />
      {from ? <ReplayDialog execution={execution} from={from} close={() => setFrom(null)} /> : null}
    </>
  );
}

interface RunRowProps {
  branch: Branch;
  axis: Axis;
  /** Null while the execution runs. */
  replay: ((from: TaskRun) => void) | null;
}

function RunRow({ branch: { run, depth }, axis, replay }: RunRowProps) {
  return (
    <Row>
      <Cell label="Task" kind="wide id" style={{ paddingLeft: `${depth * 1.1}rem` }}>
        <Name of={nameOf(run)} />
        {replay ? (
          <ActionIcon
            size="xs"
            variant="subtle"
            color="gray"
            className="beside"
            aria-label={`Replay from ${nameOf(run)}`}
            title="Replay from here"
            onClick={() => replay(run)}
          >
            <CopyPlus size={13} aria-hidden />
          </ActionIcon>
        ) : null}
        {run.outputs ? <Outputs of={run.outputs} /> : null}
      </Cell>
      <Cell label="State" kind="status">
        <StateMark name={run.state.current} />
      </Cell>
      <Cell label="Duration" kind="number">
        {lasted(span(run.state, axis.now))}
      </Cell>
      <Cell label="Time" kind="time">
        <Track run={run} axis={axis} />
      </Cell>
    </Row>
  );
}

/** Unfolded only on demand, because outputs can be long. */
const Outputs = memo(function Outputs({ of }: { of: Record<string, unknown> }) {
  const [open, setOpen] = useState(false);
  return (
    <details open={open} onToggle={event => setOpen(event.currentTarget.open)}>
      <summary>Outputs</summary>
      {open ? <pre>{JSON.stringify(of, null, 2)}</pre> : null}
    </details>
  );
});

function Track({ run, axis }: { run: TaskRun; axis: Axis }) {
  return (
    <div className="track" aria-hidden>
      {barsOf(run, axis).map(bar => (
        <i
          key={bar.from}
          className={
            tone(ENDED.has(run.state.current) ? run.state.current : bar.state) + (bar.waits ? " wait" : "")
          }
          style={{ left: `${bar.left}%`, width: `${bar.width}%` }}
        />
      ))}
    </div>
  );
}

/** The present, again and again while something runs. */
export function useNow(running: boolean): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    setNow(Date.now());
    if (!running) return undefined;
    const beat = setInterval(() => setNow(Date.now()), BEAT);
    return () => clearInterval(beat);
  }, [running]);
  return now;
}
