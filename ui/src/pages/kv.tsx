// The stored values of all namespaces.

import { useNavigate } from "@tanstack/react-router";
import { Page } from "../parts/page.tsx";
import { SearchForm } from "../parts/search.tsx";
import { ValueList } from "../parts/values.tsx";
import { kvRoute } from "../routes.ts";

export function KvPage() {
  const { q, page = "1" } = kvRoute.useSearch();
  const navigate = useNavigate({ from: kvRoute.fullPath });
  return (
    <Page
      title="KV Store"
      heading="KV Store"
      actions={
        <SearchForm words={q} placeholder="key" look={words => void navigate({ search: { q: words } })} />
      }
    >
      <ValueList
        q={q}
        page={Number(page)}
        turn={at => void navigate({ search: before => ({ ...before, page: String(at) }) })}
      />
    </Page>
  );
}
