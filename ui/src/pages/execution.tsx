// One execution, live: its state, its task runs on a time axis, its logs, and what can be done with it.

import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useEffect, useState, useSyncExternalStore } from "react";
import { api, path } from "../api/client.ts";
import { LiveExecution } from "../api/live.ts";
import { session } from "../api/session.ts";
import type { Execution } from "../api/types.ts";
import { ENDED } from "../model/states.ts";
import { lasted, span } from "../model/time.ts";
import { Problem, say } from "../parts/act.tsx";
import { Events } from "../parts/events.tsx";
import { Facts } from "../parts/facts.tsx";
import { FlowLink } from "../parts/links.tsx";
import { LogView } from "../parts/log-view.tsx";
import { Metrics } from "../parts/metrics.tsx";
import { Moment } from "../parts/moment.tsx";
import { Name } from "../parts/name.tsx";
import { Outputs } from "../parts/outputs.tsx";
import { Card, Loaded, Page } from "../parts/page.tsx";
import { Resume } from "../parts/resume.tsx";
import { StateMark } from "../parts/state-mark.tsx";
import { Tabs } from "../parts/tabs.tsx";
import { Topology } from "../parts/topology.tsx";
import { Trace, useNow } from "../parts/trace.tsx";
import { Why } from "../parts/why.tsx";
import { executionRoute } from "../routes.ts";
import { ExecutionActs } from "./execution-acts.tsx";

const TABS = {
  overview: "Overview",
  trace: "Trace",
  logs: "Logs",
  topology: "Topology",
  outputs: "Outputs",
  metrics: "Metrics",
  events: "Events",
} as const;
type Tab = keyof typeof TABS;

export function ExecutionPage() {
  const { id } = executionRoute.useParams();
  const first = useQuery({
    queryKey: ["execution", id],
    queryFn: ({ signal }) => api<Execution>(`executions/${path(id)}`, { signal }),
    // From then on it is followed.
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
  });
  return <Loaded of={first}>{found => <Followed key={found.id} first={found} />}</Loaded>;
}

function Followed({ first }: { first: Execution }) {
  const [live] = useState(() => new LiveExecution(first));
  const view = useSyncExternalStore(live.subscribe, live.now);
  const standing = useSyncExternalStore(session.subscribe, session.now);
  useEffect(() => {
    if (standing !== "in") return undefined;
    live.open();
    return () => live.close();
  }, [live, standing]);
  const { execution } = view;
  const { current } = execution.state;
  useEffect(() => {
    if (current !== first.state.current) say(`Execution is ${current}`);
  }, [current, first]);
  return (
    <Page
      title={`${execution.flowId} ${execution.id}`}
      heading={<FlowLink namespace={execution.namespace} id={execution.flowId} />}
      note={<Note of={execution} />}
      actions={
        <>
          <StateMark name={current} badge />
          <Clock of={execution} />
          <ExecutionActs live={live} execution={execution} />
        </>
      }
    >
      <Problem error={view.trouble} />
      {view.lost ? (
        <p className="lost" role="status">
          Connection lost. Trying again …
        </p>
      ) : null}
      <Why view={view} />
      <Resume execution={execution} resumed={now => live.take(now)} />
      <Open live={live} />
    </Page>
  );
}

function Note({ of: { namespace, flowRevision, id, state } }: { of: Execution }) {
  return (
    <>
      <Name of={namespace} />
      {` · revision ${flowRevision} · `}
      <span className="mono id">{id}</span>
      {" · started "}
      <Moment at={state.startDate} />
    </>
  );
}

function Clock({ of: { state } }: { of: Execution }) {
  const now = useNow(!ENDED.has(state.current));
  return <span className="number">{lasted(span(state, now))}</span>;
}

function Open({ live }: { live: LiveExecution }) {
  const view = useSyncExternalStore(live.subscribe, live.now);
  const { namespace, flowId, id, tab } = executionRoute.useParams();
  const { level = "TRACE", page = "1" } = executionRoute.useSearch();
  const navigate = useNavigate({ from: executionRoute.fullPath });
  const open: Tab = tab !== undefined && tab in TABS ? (tab as Tab) : "overview";
  const go = (name: Tab) =>
    void navigate({
      params: { namespace, flowId, id, tab: name === "overview" ? undefined : name },
      search: {},
      resetScroll: false,
    });
  const setLeast = (least: string) =>
    void navigate({
      search: { level: least === "TRACE" ? undefined : least },
      replace: true,
      resetScroll: false,
    });
  const turn = (to: number) =>
    void navigate({ search: before => ({ ...before, page: String(to) }), resetScroll: false });
  const { execution } = view;
  const logs = (tall: boolean) => (
    <Card>
      <LogView view={view} least={level} setLeast={setLeast} tall={tall} />
    </Card>
  );
  const trace = (
    <Card title="Task runs">
      <Trace execution={execution} />
    </Card>
  );
  return (
    <Tabs of={TABS} open={open} go={go}>
      {open === "overview" ? (
        <>
          {trace}
          {logs(false)}
          <Card title="Details">
            <Facts execution={execution} />
          </Card>
        </>
      ) : null}
      {open === "trace" ? trace : null}
      {open === "logs" ? logs(true) : null}
      {open === "topology" ? (
        <Topology
          namespace={namespace}
          id={flowId}
          revision={execution.flowRevision}
          {...(execution.taskRunList ? { runs: execution.taskRunList } : {})}
        />
      ) : null}
      {open === "outputs" ? <Outputs execution={execution} /> : null}
      {open === "metrics" ? (
        <Metrics id={id} page={Number(page)} turn={turn} ended={ENDED.has(execution.state.current)} />
      ) : null}
      {open === "events" ? <Events execution={execution} page={Number(page)} turn={turn} /> : null}
    </Tabs>
  );
}
