// Why an execution failed, above everything else.

import { CircleX } from "lucide-react";
import { useMemo } from "react";
import type { LiveView } from "../api/live.ts";
import { errorsOf, reasonOf } from "../model/failure.ts";

export function Why({ view }: { view: LiveView }) {
  const { execution, lines } = view;
  const failed = execution.state.current === "FAILED";
  const errors = useMemo(() => (failed ? errorsOf(lines) : new Map<string, string>()), [failed, lines]);
  const reason = reasonOf(execution, errors);
  if (!reason) return null;
  return (
    <div className="failure" role="alert">
      <CircleX size={18} aria-hidden />
      <div>
        <strong>{reason.title}</strong>
        {reason.text ? <p className="problem mono">{reason.text}</p> : null}
      </div>
    </div>
  );
}
