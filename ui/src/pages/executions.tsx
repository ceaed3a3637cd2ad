// The executions of all flows, with a search.

import { useNavigate } from "@tanstack/react-router";
import { STATES } from "../model/states.ts";
import { ExecutionList } from "../parts/execution-list.tsx";
import { Card, Page } from "../parts/page.tsx";
import { Choice, SearchForm } from "../parts/search.tsx";
import { executionsRoute } from "../routes.ts";

export function ExecutionsPage() {
  const { q, state, page } = executionsRoute.useSearch();
  const navigate = useNavigate({ from: executionsRoute.fullPath });
  return (
    <Page
      title="Executions"
      heading="Executions"
      actions={
        <SearchForm
          words={q}
          placeholder="id, flow or namespace"
          look={words => void navigate({ search: { q: words, state } })}
        >
          <Choice
            label="State"
            any="any"
            values={STATES}
            value={state}
            choose={chosen => void navigate({ search: { q, state: chosen } })}
          />
        </SearchForm>
      }
    >
      <Card>
        <ExecutionList
          filter={[
            ["q", q],
            ["state", state],
          ]}
          page={Number(page ?? 1)}
          turn={at => void navigate({ search: before => ({ ...before, page: String(at) }) })}
        />
      </Card>
    </Page>
  );
}
