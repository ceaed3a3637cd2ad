// A list of executions, newest first, kept up to date.

import { api } from "../api/client.ts";
import type { Execution, Page } from "../api/types.ts";
import { lasted, span } from "../model/time.ts";
import { ExecutionLink, FlowLink } from "./links.tsx";
import { List } from "./list.tsx";
import { Moment } from "./moment.tsx";
import { Name } from "./name.tsx";
import { StateMark } from "./state-mark.tsx";
import { Cell, Row } from "./table.tsx";

const SIZE = 25;
const EVERY = 2000;

export type Filter = readonly (readonly [string, string | undefined])[];

interface ExecutionListProps {
  filter: Filter;
  page: number;
  turn: (page: number) => void;
  ofOneFlow?: boolean;
}

export function ExecutionList({ filter, page, turn, ofOneFlow = false }: ExecutionListProps) {
  const read = (at: number, signal: AbortSignal) => {
    const asked = { size: String(SIZE), page: String(at), sort: "state.startDate:desc" };
    const query = new URLSearchParams([...Object.entries(asked), ...given(filter)]);
    return api<Page<Execution>>(`executions/search?${query}`, { signal });
  };
  return (
    <List
      name="Executions"
      head={["Execution", ...(ofOneFlow ? [] : ["Flow"]), "State", "Started", "Duration"]}
      of={["executions", filter]}
      read={read}
      row={each => <ExecutionRow key={each.id} of={each} ofOneFlow={ofOneFlow} />}
      empty="No executions."
      size={SIZE}
      page={page}
      turn={turn}
      every={EVERY}
    />
  );
}

const given = (filter: Filter): [string, string][] =>
  filter.flatMap(([name, value]): [string, string][] => (value ? [[name, value]] : []));

function ExecutionRow({ of, ofOneFlow }: { of: Execution; ofOneFlow: boolean }) {
  const { id, namespace, flowId, state } = of;
  return (
    <Row>
      <Cell label="Execution" kind="mono id">
        <ExecutionLink of={of}>{id}</ExecutionLink>
      </Cell>
      {ofOneFlow ? null : (
        <Cell label="Flow" kind="wide">
          <FlowLink namespace={namespace} id={flowId}>
            <Name of={`${namespace}.${flowId}`} />
          </FlowLink>
        </Cell>
      )}
      <Cell label="State" kind="status">
        <StateMark name={state.current} />
      </Cell>
      <Cell label="Started" kind="number">
        <Moment at={state.startDate} />
      </Cell>
      <Cell label="Duration" kind="number">
        {lasted(span(state))}
      </Cell>
    </Row>
  );
}
