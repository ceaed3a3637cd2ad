// One flow: its form, its executions, its source, and what else belongs to it.

import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { Pencil } from "lucide-react";
import { api, ask, path } from "../api/client.ts";
import type { FlowWithSource } from "../api/types.ts";
import { Problem, useAct } from "../parts/act.tsx";
import { useConfirm } from "../parts/confirm.tsx";
import { Name } from "../parts/name.tsx";
import { Loaded, Page } from "../parts/page.tsx";
import { Tabs } from "../parts/tabs.tsx";
import { Topology } from "../parts/topology.tsx";
import { flowRoute } from "../routes.ts";
import { FlowDependencies } from "./flow-dependencies.tsx";
import { EditFlowPage } from "./flow-editor.tsx";
import { FlowExecutions } from "./flow-executions.tsx";
import { FlowLogs } from "./flow-logs.tsx";
import { FlowMetrics } from "./flow-metrics.tsx";
import { FlowOverview } from "./flow-overview.tsx";
import { FlowRevisions } from "./flow-revisions.tsx";
import { FlowTriggers } from "./flow-triggers.tsx";

const TABS = {
  overview: "Overview",
  topology: "Topology",
  executions: "Executions",
  logs: "Logs",
  metrics: "Metrics",
  revisions: "Revisions",
  triggers: "Triggers",
  dependencies: "Dependencies",
} as const;
type Tab = keyof typeof TABS;

const REMOVE = {
  title: "Delete this flow?",
  text: "Its triggers stop. Its executions stay, and its revisions can be restored.",
  danger: true,
};

export const flowQuery = (namespace: string, id: string) => ({
  queryKey: ["flow", namespace, id],
  queryFn: ({ signal }: { signal: AbortSignal }) =>
    api<FlowWithSource>(`flows/${path(namespace, id)}?source=true`, { signal }),
});

export function FlowPage() {
  const { namespace, id, tab } = flowRoute.useParams();
  const flow = useQuery(flowQuery(namespace, id));
  // Another flow's text in the same editor would be saved under this one's name.
  if (tab === "edit")
    return <Loaded of={flow}>{found => <EditFlowPage key={path(namespace, id)} stored={found} />}</Loaded>;
  return <Loaded of={flow}>{found => <Shown flow={found} tab={tab} />}</Loaded>;
}

function Shown({ flow, tab }: { flow: FlowWithSource; tab: string | undefined }) {
  const { namespace, id } = flow;
  const navigate = useNavigate({ from: flowRoute.fullPath });
  const open: Tab = tab !== undefined && tab in TABS ? (tab as Tab) : "overview";
  const go = (name: Tab) =>
    void navigate({ params: { namespace, id, tab: name === "overview" ? undefined : name }, search: {} });
  return (
    <Page
      title={`${namespace}.${id}`}
      heading={<Name of={id} />}
      note={
        <>
          <Name of={namespace} />
          {` · revision ${flow.revision}`}
        </>
      }
      actions={<Acts flow={flow} />}
    >
      {flow.exception ? <Problem error={flow.exception} /> : null}
      <Tabs of={TABS} open={open} go={go}>
        {open === "overview" ? <FlowOverview flow={flow} /> : null}
        {open === "topology" ? <Topology namespace={namespace} id={id} revision={flow.revision} /> : null}
        {open === "executions" ? <FlowExecutions flow={flow} /> : null}
        {open === "logs" ? <FlowLogs flow={flow} /> : null}
        {open === "metrics" ? <FlowMetrics flow={flow} /> : null}
        {open === "revisions" ? <FlowRevisions flow={flow} /> : null}
        {open === "triggers" ? <FlowTriggers flow={flow} /> : null}
        {open === "dependencies" ? <FlowDependencies flow={flow} /> : null}
      </Tabs>
    </Page>
  );
}

function Acts({ flow: { namespace, id } }: { flow: FlowWithSource }) {
  const confirmed = useConfirm();
  const navigate = useNavigate();
  const { busy, error, run } = useAct();
  const remove = async () => {
    if (!(await confirmed(REMOVE))) return;
    await ask(`flows/${path(namespace, id)}`, { method: "DELETE" });
    await navigate({ to: "/main/flows" });
  };
  return (
    <>
      <Button
        variant="default"
        leftSection={<Pencil size={14} aria-hidden />}
        renderRoot={props => (
          <Link
            to="/main/flows/edit/$namespace/$id/{-$tab}"
            params={{ namespace, id, tab: "edit" }}
            {...props}
          />
        )}
      >
        Edit
      </Button>
      <Button variant="default" className="danger" loading={busy} onClick={() => void run(remove)}>
        Delete
      </Button>
      <Problem error={error} />
    </>
  );
}
