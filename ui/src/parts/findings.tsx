// What is wrong with a text, in the order of its lines. Each leads to its place.

import { Button } from "@mantine/core";
import { CircleCheck } from "lucide-react";
import type { Finding } from "../api/types.ts";
import { Problem } from "./act.tsx";

const WORDS: Readonly<Record<Finding["severity"], string>> = {
  error: "Error",
  warning: "Warning",
  hint: "Hint",
};

interface FindingsProps {
  /** All that is wrong, or the reason why nobody knows. Null until the first answer. */
  found: readonly Finding[] | Error | null;
  go: (to: Finding) => void;
}

export function Findings({ found, go }: FindingsProps) {
  if (found === null) return null;
  if (found instanceof Error) return <Problem error={`The text was not checked. ${found.message}`} />;
  if (!found.length)
    return (
      <p className="note good-note" role="status">
        <CircleCheck size={14} aria-hidden />
        No problems.
      </p>
    );
  const sorted = found.toSorted((a, b) => a.line - b.line || a.column - b.column);
  return (
    <ul className="findings" aria-label="Problems">
      {sorted.map(each => (
        <li key={`${each.line}:${each.column}:${each.message}`} className={each.severity}>
          <Button size="compact-xs" variant="default" onClick={() => go(each)}>
            {`Line ${each.line}`}
          </Button>
          <span>
            {WORDS[each.severity]}: {each.message}
          </span>
        </li>
      ))}
    </ul>
  );
}
