// All namespaces.

import { useNavigate } from "@tanstack/react-router";
import { api } from "../api/client.ts";
import type { Namespace, Page as PageOf } from "../api/types.ts";
import { NamespaceLink } from "../parts/links.tsx";
import { List } from "../parts/list.tsx";
import { Card, Page } from "../parts/page.tsx";
import { SearchForm } from "../parts/search.tsx";
import { Cell, Row } from "../parts/table.tsx";
import { namespacesRoute } from "../routes.ts";

const SIZE = 50;

export function NamespacesPage() {
  const { q, page = "1" } = namespacesRoute.useSearch();
  const navigate = useNavigate({ from: namespacesRoute.fullPath });
  return (
    <Page
      title="Namespaces"
      heading="Namespaces"
      actions={
        <SearchForm words={q} placeholder="name" look={words => void navigate({ search: { q: words } })} />
      }
    >
      <Card>
        <List
          name="Namespaces"
          head={["Namespace"]}
          of={["namespaces", q]}
          read={(at, signal) => {
            const query = new URLSearchParams({ size: String(SIZE), page: String(at), ...(q ? { q } : {}) });
            return api<PageOf<Namespace>>(`namespaces/search?${query}`, { signal });
          }}
          row={({ id }) => (
            <Row key={id}>
              <Cell label="Namespace" kind="wide id">
                <NamespaceLink id={id} />
              </Cell>
            </Row>
          )}
          empty="No namespaces. The first flow brings the first one."
          size={SIZE}
          page={Number(page)}
          turn={at => void navigate({ search: before => ({ ...before, page: String(at) }) })}
          words={["Previous", "Next"]}
        />
      </Card>
    </Page>
  );
}
