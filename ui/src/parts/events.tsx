// Every change of state of an execution and of its task runs, in the order in which they came.

import { useMemo } from "react";
import type { Execution } from "../api/types.ts";
import { eventsOf } from "../model/events.ts";
import { Moment } from "./moment.tsx";
import { Name } from "./name.tsx";
import { Card } from "./page.tsx";
import { StateMark } from "./state-mark.tsx";
import { Cell, Row, Table, Turner } from "./table.tsx";

const SIZE = 200;

interface EventsProps {
  execution: Execution;
  page: number;
  turn: (page: number) => void;
}

export function Events({ execution, page, turn }: EventsProps) {
  const events = useMemo(() => eventsOf(execution), [execution]);
  const shown = events.slice((page - 1) * SIZE, page * SIZE);
  return (
    <Card>
      <Table name="Events" head={["Time", "What", "State"]}>
        {shown.map(({ key, at, of, state }) => (
          <Row key={key}>
            <Cell label="Time" kind="number">
              <Moment at={at} />
            </Cell>
            <Cell label="What" kind="wide id">
              <Name of={of} />
            </Cell>
            <Cell label="State" kind="status">
              <StateMark name={state} />
            </Cell>
          </Row>
        ))}
      </Table>
      <Turner
        page={page}
        shown={shown.length}
        total={events.length}
        size={SIZE}
        turn={turn}
        words={["Previous", "Next"]}
      />
    </Card>
  );
}
