// How everything is: what failed, what runs, what waits, and what comes next. Each number opens the list that it counts.

import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { api } from "../api/client.ts";
import type { Execution, Page as PageOf, TriggerItem } from "../api/types.ts";
import { tone } from "../model/states.ts";
import { Problem } from "../parts/act.tsx";
import { ExecutionLink, FlowLink } from "../parts/links.tsx";
import { Moment } from "../parts/moment.tsx";
import { Name } from "../parts/name.tsx";
import { Card, Empty, Loading, Page } from "../parts/page.tsx";
import { StateMark } from "../parts/state-mark.tsx";
import { Cell, Row, Table } from "../parts/table.tsx";
import { Week } from "../parts/week.tsx";

const SHOWN = ["FAILED", "RUNNING", "QUEUED", "PAUSED", "SUCCESS"] as const;
const EVERY = 5000;
const LATEST = 8;

export function HomePage() {
  return (
    <Page title="Home" heading="Home">
      <div className="tiles">
        {SHOWN.map(state => (
          <Tile key={state} state={state} />
        ))}
      </div>
      <Card title="Executions by day">
        <Week />
      </Card>
      <div className="halves">
        <Card title="Latest failures">
          <Failures />
        </Card>
        <Card title="Next to fire">
          <NextTriggers />
        </Card>
      </div>
    </Page>
  );
}

const useExecutions = (state: string, size: number) =>
  useQuery({
    queryKey: ["executions", "home", state, size],
    queryFn: ({ signal }) =>
      api<PageOf<Execution>>(
        `executions/search?${new URLSearchParams({ state, size: String(size), sort: "state.startDate:desc" })}`,
        { signal },
      ),
    refetchInterval: EVERY,
  });

function Tile({ state }: { state: string }) {
  const { data, error } = useExecutions(state, 1);
  return (
    <Link to="/main/executions" search={{ state }} className={`tile ${tone(state)}`}>
      <StateMark name={state} />
      <span className="tile-number">{data?.total ?? (error ? "?" : "…")}</span>
    </Link>
  );
}

function Failures() {
  const { data, error } = useExecutions("FAILED", LATEST);
  if (!data) return error ? <Problem error={error} /> : <Loading />;
  if (!data.total) return <Empty>Nothing has failed.</Empty>;
  return (
    <Table name="Latest failures" head={["Flow", "Execution", "Started"]}>
      {data.results.map(each => (
        <Row key={each.id}>
          <Cell label="Flow" kind="wide id">
            <FlowLink namespace={each.namespace} id={each.flowId} />
          </Cell>
          <Cell label="Execution" kind="mono">
            <ExecutionLink of={each}>{each.id}</ExecutionLink>
          </Cell>
          <Cell label="Started" kind="number">
            <Moment at={each.state.startDate} />
          </Cell>
        </Row>
      ))}
    </Table>
  );
}

function NextTriggers() {
  const { data, error } = useQuery({
    queryKey: ["triggers", "home"],
    queryFn: ({ signal }) => api<PageOf<TriggerItem>>("triggers/search?size=100", { signal }),
    refetchInterval: EVERY,
  });
  if (!data) return error ? <Problem error={error} /> : <Loading />;
  const next = data.results
    .flatMap(({ state }) =>
      state.nextExecutionDate && !state.disabled ? [{ state, at: state.nextExecutionDate }] : [],
    )
    .sort((a, b) => Date.parse(a.at) - Date.parse(b.at))
    .slice(0, LATEST);
  if (!next.length) return <Empty>No trigger has a next date.</Empty>;
  return (
    <Table name="Next to fire" head={["Flow", "Trigger", "Next"]}>
      {next.map(({ state, at }) => (
        <Row key={`${state.namespace}.${state.flowId}.${state.triggerId}`}>
          <Cell label="Flow" kind="wide id">
            <FlowLink namespace={state.namespace} id={state.flowId} />
          </Cell>
          <Cell label="Trigger" kind="wide">
            <Name of={state.triggerId} />
          </Cell>
          <Cell label="Next" kind="number">
            <Moment at={at} />
          </Cell>
        </Row>
      ))}
    </Table>
  );
}
