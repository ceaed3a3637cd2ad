// A list of executions, newest first, kept up to date. Some of them can be chosen, for acts on all of these.

import { type ReactNode, useSyncExternalStore } from "react";
import { api } from "../api/client.ts";
import type { Execution, Page } from "../api/types.ts";
import { COLUMNS, type Column, rowsOr, settings } from "../model/settings.ts";
import { lasted, span } from "../model/time.ts";
import { EXECUTION_ACTS } from "./bulk-acts.tsx";
import { type Choosing, isChosen, RowChoice, useChoosing } from "./choosing.tsx";
import { isOwn } from "./label-fields.tsx";
import { ExecutionLink, FlowLink } from "./links.tsx";
import { List } from "./list.tsx";
import { Moment } from "./moment.tsx";
import { Name } from "./name.tsx";
import { StateMark } from "./state-mark.tsx";
import { Cell, Row } from "./table.tsx";

const USUAL = 25;
const EVERY = 2000;

export type Filter = readonly (readonly [string, string | undefined])[];

interface ExecutionListProps {
  filter: Filter;
  page: number;
  turn: (page: number) => void;
  ofOneFlow?: boolean;
}

export function ExecutionList({ filter, page, turn, ofOneFlow = false }: ExecutionListProps) {
  const size = rowsOr(USUAL);
  const { columns } = useSyncExternalStore(settings.subscribe, settings.now);
  const choosing = useChoosing<Execution>(each => each.id);
  const filters = new URLSearchParams(given(filter)).toString();
  const read = (at: number, signal: AbortSignal) => {
    const asked = { size: String(size), page: String(at), sort: "state.startDate:desc" };
    const query = new URLSearchParams([...Object.entries(asked), ...given(filter)]);
    return api<Page<Execution>>(`executions/search?${query}`, { signal });
  };
  return (
    <List
      name="Executions"
      head={["Execution", ...(ofOneFlow ? [] : ["Flow"]), "State", "Started", "Duration", ...columns]}
      of={["executions", filter]}
      read={read}
      row={each => <ExecutionRow key={each.id} of={each} {...{ ofOneFlow, columns, choosing }} />}
      empty="No executions. They appear here as soon as a flow is executed, by a person or by a trigger."
      size={size}
      page={page}
      turn={turn}
      every={EVERY}
      bulk={{ choosing, thing: "execution", acts: EXECUTION_ACTS, filters, shownBy: "executions" }}
    />
  );
}

const given = (filter: Filter): [string, string][] =>
  filter.flatMap(([name, value]): [string, string][] => (value ? [[name, value]] : []));

interface ExecutionRowProps {
  of: Execution;
  ofOneFlow: boolean;
  columns: readonly Column[];
  choosing: Choosing<Execution>;
}

function ExecutionRow({ of, ofOneFlow, columns, choosing }: ExecutionRowProps) {
  const { id, namespace, flowId, state } = of;
  return (
    <Row className={isChosen(choosing, of) ? "chosen" : ""}>
      <Cell label="Execution" kind="mono id">
        <RowChoice of={choosing} item={of} name={id} />
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
      {columns.map(column => (
        <Cell key={column} label={column} kind="wide">
          {MORE[column](of)}
        </Cell>
      ))}
    </Row>
  );
}

const MORE: Readonly<Record<Column, (of: Execution) => ReactNode>> = {
  Ended: ({ state }) => (state.endDate ? <Moment at={state.endDate} /> : "—"),
  Revision: ({ flowRevision }) => flowRevision,
  Trigger: ({ trigger }) => (trigger ? <Name of={trigger.id} /> : "—"),
  Labels: ({ labels = [] }) =>
    labels
      .filter(isOwn)
      .map(({ key, value }) => `${key}: ${value}`)
      .join(", "),
};

export function ColumnChoice() {
  const { columns } = useSyncExternalStore(settings.subscribe, settings.now);
  return (
    <details className="columns-choice">
      <summary>Columns</summary>
      {COLUMNS.map(column => (
        <label key={column}>
          <input
            type="checkbox"
            checked={columns.includes(column)}
            onChange={event => {
              const others = columns.filter(each => each !== column);
              settings.change({ columns: event.currentTarget.checked ? [...others, column] : others });
            }}
          />
          {column}
        </label>
      ))}
    </details>
  );
}
