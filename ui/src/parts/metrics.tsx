// What the tasks of an execution measured.

import { api, path } from "../api/client.ts";
import type { MetricEntry, Page } from "../api/types.ts";
import { List } from "./list.tsx";
import { Moment } from "./moment.tsx";
import { Card } from "./page.tsx";
import { Cell, Row } from "./table.tsx";

const SIZE = 100;

interface MetricsProps {
  id: string;
  page: number;
  turn: (page: number) => void;
  ended: boolean;
}

export function Metrics({ id, page, turn, ended }: MetricsProps) {
  return (
    <Card>
      <List
        name="Metrics"
        head={["Metric", "Task", "Value", "Tags", "Time"]}
        of={["metrics", id, ended]}
        read={(at, signal) =>
          api<Page<MetricEntry>>(`metrics/${path(id)}?size=${SIZE}&page=${at}`, { signal })
        }
        row={(entry, at) => <MetricRow key={at} entry={entry} />}
        empty="Its tasks measured nothing. Tasks that move data say how much; core.metric.Publish tells a number of your own."
        size={SIZE}
        page={page}
        turn={turn}
        words={["Previous", "Next"]}
      />
    </Card>
  );
}

function MetricRow({ entry }: { entry: MetricEntry }) {
  const tags = Object.entries(entry.tags ?? {}).map(([key, value]) => `${key}: ${value}`);
  return (
    <Row>
      <Cell label="Metric" kind="wide id">
        {entry.name}
      </Cell>
      <Cell label="Task">{entry.taskId ?? "—"}</Cell>
      <Cell label="Value" kind="number">
        {entry.type === "timer" ? `${entry.value} ms` : entry.value}
      </Cell>
      <Cell label="Tags" kind="wide">
        {tags.join(", ")}
      </Cell>
      <Cell label="Time" kind="number">
        <Moment at={entry.timestamp} />
      </Cell>
    </Row>
  );
}
