// Values over time as bars, and as a table for those who listen or want the numbers.

import { momentText } from "../model/time.ts";
import { Cell, Row, Table } from "./table.tsx";

export interface Point {
  date: string;
  value: number;
}

interface SeriesProps {
  name: string;
  points: readonly Point[];
  text: (value: number) => string;
}

export function Series({ name, points, text }: SeriesProps) {
  const most = Math.max(...points.map(({ value }) => value), 0);
  return (
    <>
      <div className="series" aria-hidden>
        {points.map(({ date, value }) => (
          <i
            key={date}
            title={`${momentText(new Date(date))}: ${text(value)}`}
            style={{ height: `${most > 0 ? Math.max(0, (100 * value) / most) : 0}%` }}
          />
        ))}
      </div>
      <details>
        <summary>Numbers</summary>
        <Table name={name} head={["From", "Value"]}>
          {points.map(({ date, value }) => (
            <Row key={date}>
              <Cell label="From" kind="number">
                {momentText(new Date(date))}
              </Cell>
              <Cell label="Value" kind="number">
                {text(value)}
              </Cell>
            </Row>
          ))}
        </Table>
      </details>
    </>
  );
}
