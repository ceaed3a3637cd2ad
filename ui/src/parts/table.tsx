// Tables. On a narrow screen each row is a card, and browsers no longer see a table. So the roles are explicit.

import { Button } from "@mantine/core";
import type { CSSProperties, ReactNode } from "react";

interface TableProps {
  name: string;
  head: readonly ReactNode[];
  kind?: string;
  children: ReactNode;
}

export function Table({ name, head, kind = "", children }: TableProps) {
  return (
    <div className="scroll">
      {/* biome-ignore lint/a11y/noRedundantRoles: a row that is shown as a card loses its role. */}
      <table aria-label={name} className={`cards ${kind}`} role="table">
        {/* biome-ignore lint/a11y/noRedundantRoles: as above */}
        <thead role="rowgroup">
          <Row>
            {head.map((text, at) => (
              // biome-ignore lint/suspicious/noArrayIndexKey lint/a11y/noRedundantRoles: columns never move
              <th key={at} scope="col" role="columnheader">
                {text}
              </th>
            ))}
          </Row>
        </thead>
        {/* biome-ignore lint/a11y/noRedundantRoles: as above */}
        <tbody role="rowgroup">{children}</tbody>
      </table>
    </div>
  );
}

export function Row({ children, className }: { children: ReactNode; className?: string }) {
  return (
    // biome-ignore lint/a11y/noRedundantRoles: as above
    <tr role="row" className={className}>
      {children}
    </tr>
  );
}

interface CellProps {
  /** The column's heading. On a card it stands before the value. */
  label: string;
  /** On a card, a cell of class `status` is beside the one of class `id`. */
  kind?: string;
  style?: CSSProperties;
  children?: ReactNode;
}

export function Cell({ label, kind = "", style, children }: CellProps) {
  return (
    // biome-ignore lint/a11y/noRedundantRoles: as above
    <td className={kind} role="cell" data-label={label} style={style}>
      {children}
    </td>
  );
}

interface TurnerProps {
  page: number;
  shown: number;
  total: number;
  size: number;
  turn: (page: number) => void;
  words?: readonly [string, string];
}

/** Turns the pages of a list. */
export function Turner({ page, shown, total, size, turn, words = ["Newer", "Older"] }: TurnerProps) {
  if (total <= size) return null;
  const first = (page - 1) * size;
  return (
    <div className="pages">
      <span>{shown ? `${first + 1}–${first + shown} of ${total}` : `0 of ${total}`}</span>
      <Button size="xs" variant="default" disabled={page === 1} onClick={() => turn(page - 1)}>
        {words[0]}
      </Button>
      <Button size="xs" variant="default" disabled={first + shown >= total} onClick={() => turn(page + 1)}>
        {words[1]}
      </Button>
    </div>
  );
}
