// Names of secrets. Their values never come to the browser.

import { api } from "../api/client.ts";
import type { Page } from "../api/types.ts";
import { List } from "./list.tsx";
import { Card } from "./page.tsx";
import { Cell, Row } from "./table.tsx";

const SIZE = 50;

interface SecretListProps {
  namespace?: string;
  page: number;
  turn: (page: number) => void;
}

export function SecretList({ namespace, page, turn }: SecretListProps) {
  return (
    <Card>
      <List
        name="Secrets"
        head={["Secret", "In a flow"]}
        of={["secrets", namespace]}
        read={(at, signal) => {
          const query = new URLSearchParams({ size: String(SIZE), page: String(at) });
          if (namespace) query.set("namespace", namespace);
          return api<Page<{ key: string }>>(`secrets?${query}`, { signal });
        }}
        row={({ key }) => (
          <Row key={key}>
            <Cell label="Secret" kind="wide id">
              {key}
            </Cell>
            <Cell label="In a flow" kind="mono">{`{{ secret('${key}') }}`}</Cell>
          </Row>
        )}
        empty="No secrets. The servers take them from variables whose names begin with SECRET_; the guide on secrets says how."
        size={SIZE}
        page={page}
        turn={turn}
        words={["Previous", "Next"]}
      />
    </Card>
  );
}
