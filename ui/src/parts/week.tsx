// The executions of the last days as bars. Each part of a bar opens the list that it counts.

import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { api } from "../api/client.ts";
import type { Usage } from "../api/types.ts";
import { type Day, daysOf } from "../model/days.ts";
import { tone } from "../model/states.ts";
import { counted } from "../model/words.ts";
import { Problem } from "./act.tsx";
import { Loading } from "./page.tsx";

const DAYS = 7;
const EVERY = 30_000;

export function Week() {
  const { data, error } = useQuery({
    queryKey: ["usage"],
    queryFn: ({ signal }) => api<Usage>("usages/all", { signal }),
    refetchInterval: EVERY,
  });
  if (!data) return error ? <Problem error={error} /> : <Loading />;
  const days = daysOf(data, DAYS, Date.now());
  const most = Math.max(...days.map(day => day.total), 1);
  return (
    <ul className="days">
      {days.map(day => (
        <li key={day.name}>
          <span className="day-total number">{day.total}</span>
          <Bar day={day} most={most} />
          <span className="note number">{day.name.slice(5)}</span>
        </li>
      ))}
    </ul>
  );
}

function Bar({ day: { name, from, to, total, parts }, most }: { day: Day; most: number }) {
  return (
    <span className="day-bar">
      <span className="day-fill" style={{ minHeight: `${(6.5 * total) / most}rem` }}>
        {parts.toReversed().map(({ state, count }) => (
          <Link
            key={state}
            to="/main/executions"
            search={{ state, from, to }}
            className={tone(state)}
            style={{ flexGrow: count }}
            aria-label={`${name}: ${counted(count, "execution")} ${state}`}
            title={`${count} ${state}`}
          />
        ))}
      </span>
    </span>
  );
}
