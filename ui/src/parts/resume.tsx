// What a paused execution waits for: its inputs, and the button that lets it go on.

import { useQuery } from "@tanstack/react-query";
import { api, path } from "../api/client.ts";
import type { Execution, FlowInput } from "../api/types.ts";
import { Problem } from "./act.tsx";
import { Inputs } from "./input-form.tsx";
import { Card } from "./page.tsx";

interface ResumeProps {
  execution: Execution;
  resumed: (now: Execution) => void;
}

export function Resume({ execution, resumed }: ResumeProps) {
  if (execution.state.current !== "PAUSED") return null;
  // A later pause asks for other things.
  return <Asked key={execution.state.histories.length} {...{ execution, resumed }} />;
}

function Asked({ execution, resumed }: ResumeProps) {
  const target = `executions/${path(execution.id)}/actions/resume`;
  const asked = useQuery({
    queryKey: ["pause", execution.id, execution.state.histories.length],
    queryFn: ({ signal }) =>
      api<{ inputs: { input: FlowInput }[] }>(`${target}/validate`, {
        method: "POST",
        body: new FormData(),
        signal,
      }),
    staleTime: Number.POSITIVE_INFINITY,
  });
  if (asked.error) return <Problem error={asked.error} />;
  if (!asked.data) return null;
  return (
    <Card title="Paused">
      <Inputs
        target={target}
        declared={asked.data.inputs.map(each => each.input)}
        nothing="It waits for nothing but this."
        act="Resume"
        send={async body => resumed(await api<Execution>(target, { method: "POST", body: body ?? null }))}
      />
    </Card>
  );
}
