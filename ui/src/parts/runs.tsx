// The last executions of a flow as bars, the newest at the right. How tall one is says how long it took beside the others.

import { Link } from "@tanstack/react-router";
import type { LastExecution } from "../api/types.ts";
import { tone } from "../model/states.ts";
import { lasted, momentText } from "../model/time.ts";

const LOWEST = 25;

interface RunsProps {
  namespace: string;
  id: string;
  /** The newest first. */
  of: readonly LastExecution[];
}

export function Runs({ namespace, id, of }: RunsProps) {
  if (!of.length) return null;
  const longest = Math.max(...of.map(lengthOf), 1);
  return (
    <Link
      to="/main/flows/edit/$namespace/$id/{-$tab}"
      params={{ namespace, id, tab: "executions" }}
      className="runs"
      aria-label={`Last executions of ${id}: ${summary(of)}`}
    >
      {of.toReversed().map(each => (
        <i
          key={each.id}
          className={tone(each.status)}
          title={titleOf(each)}
          style={{ height: `${LOWEST + ((100 - LOWEST) * lengthOf(each)) / longest}%` }}
        />
      ))}
    </Link>
  );
}

const lengthOf = ({ startDate, endDate }: LastExecution): number =>
  endDate ? Date.parse(endDate) - Date.parse(startDate) : 0;

function titleOf(of: LastExecution): string {
  const length = of.endDate ? `, ${lasted(lengthOf(of))}` : "";
  return `${of.status} ${momentText(new Date(of.startDate))}${length}`;
}

function summary(of: readonly LastExecution[]): string {
  const counts = new Map<string, number>();
  for (const { status } of of) counts.set(status, (counts.get(status) ?? 0) + 1);
  return [...counts].map(([status, number]) => `${number} ${status}`).join(", ");
}
