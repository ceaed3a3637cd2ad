// A list of executions, newest first, kept up to date. Some of them can be chosen, for acts on all of these.

import { useState } from "react";
import { api } from "../api/client.ts";
import type { Execution, Page } from "../api/types.ts";
import { lasted, span } from "../model/time.ts";
import { BulkActs } from "./bulk-acts.tsx";
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
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const choose = (id: string, yes: boolean) => {
    const next = new Set(chosen);
    if (yes) next.add(id);
    else next.delete(id);
    setChosen(next);
  };
  const read = (at: number, signal: AbortSignal) => {
    const asked = { size: String(SIZE), page: String(at), sort: "state.startDate:desc" };
    const query = new URLSearchParams([...Object.entries(asked), ...given(filter)]);
    return api<Page<Execution>>(`executions/search?${query}`, { signal });
  };
  return (
    <>
      <BulkActs chosen={chosen} clear={() => setChosen(new Set())} />
      <List
        name="Executions"
        head={["Execution", ...(ofOneFlow ? [] : ["Flow"]), "State", "Started", "Duration"]}
        of={["executions", filter]}
        read={read}
        row={each => (
          <ExecutionRow
            key={each.id}
            of={each}
            ofOneFlow={ofOneFlow}
            chosen={chosen.has(each.id)}
            choose={yes => choose(each.id, yes)}
          />
        )}
        empty="No executions. They appear here as soon as a flow is executed, by a person or by a trigger."
        size={SIZE}
        page={page}
        turn={turn}
        every={EVERY}
      />
    </>
  );
}

const given = (filter: Filter): [string, string][] =>
  filter.flatMap(([name, value]): [string, string][] => (value ? [[name, value]] : []));

interface ExecutionRowProps {
  of: Execution;
  ofOneFlow: boolean;
  chosen: boolean;
  choose: (yes: boolean) => void;
}

function ExecutionRow({ of, ofOneFlow, chosen, choose }: ExecutionRowProps) {
  const { id, namespace, flowId, state } = of;
  return (
    <Row className={chosen ? "chosen" : ""}>
      <Cell label="Execution" kind="mono id">
        <input
          type="checkbox"
          aria-label={`Choose ${id}`}
          checked={chosen}
          onChange={event => choose(event.currentTarget.checked)}
        />
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
