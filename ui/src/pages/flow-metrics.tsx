// What the tasks of a flow measured, over its executions of the last 30 days.

import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { api, path } from "../api/client.ts";
import type { Flow, MetricSeries } from "../api/types.ts";
import { Card, Empty, Loaded } from "../parts/page.tsx";
import { Choice } from "../parts/search.tsx";
import { Series } from "../parts/series.tsx";
import { flowRoute } from "../routes.ts";

/** How the values of one span become one, as the server names it. */
const COMBINED: Readonly<Record<string, string>> = { average: "avg", least: "min", most: "max" };

export function FlowMetrics({ flow: { namespace, id } }: { flow: Flow }) {
  const names = useQuery({
    queryKey: ["metrics", namespace, id, "names"],
    queryFn: ({ signal }) => api<string[]>(`metrics/names/${path(namespace, id)}`, { signal }),
  });
  return (
    <Card>
      <Loaded of={names}>
        {found =>
          found.length ? (
            <OfMetric namespace={namespace} id={id} names={found} />
          ) : (
            <Empty>
              Its tasks measured nothing. Tasks that move data say how much; core.metric.Publish tells a
              number of your own.
            </Empty>
          )
        }
      </Loaded>
    </Card>
  );
}

interface OfMetricProps {
  namespace: string;
  id: string;
  names: readonly string[];
}

function OfMetric({ namespace, id, names }: OfMetricProps) {
  const { metric, by } = flowRoute.useSearch();
  const navigate = useNavigate({ from: flowRoute.fullPath });
  const [first = "", ...others] = names;
  const shown = metric !== undefined && names.includes(metric) ? metric : first;
  const aggregation = COMBINED[by ?? ""] ?? "sum";
  const series = useQuery({
    queryKey: ["metrics", namespace, id, shown, aggregation],
    placeholderData: keepPreviousData,
    queryFn: ({ signal }) =>
      api<MetricSeries>(`metrics/aggregates/${path(namespace, id, shown)}?aggregation=${aggregation}`, {
        signal,
      }),
  });
  return (
    <>
      <div className="filters">
        <Choice
          label="Metric"
          any={first}
          values={others}
          value={shown === first ? undefined : shown}
          choose={name => void navigate({ search: { metric: name, by }, resetScroll: false })}
        />
        <Choice
          label="Values of one span"
          any="sum"
          values={Object.keys(COMBINED)}
          value={by}
          choose={name => void navigate({ search: { metric, by: name }, resetScroll: false })}
        />
      </div>
      <Loaded of={series}>
        {({ aggregations, groupBy }) => (
          <>
            <p className="note">{`The last 30 days, by ${groupBy}.`}</p>
            <Series name={shown} points={aggregations} text={String} />
          </>
        )}
      </Loaded>
    </>
  );
}
