// The triggers of all flows: when they fire next, and whether they do.

import { useNavigate } from "@tanstack/react-router";
import { Card, Page } from "../parts/page.tsx";
import { Choice, SearchForm } from "../parts/search.tsx";
import { TriggerList } from "../parts/trigger-list.tsx";
import { triggersRoute } from "../routes.ts";

const STATES: Readonly<Record<string, readonly [string, string]>> = {
  enabled: ["filters[triggerState][EQUALS]", "ENABLED"],
  disabled: ["filters[triggerState][EQUALS]", "DISABLED"],
  locked: ["filters[locked][EQUALS]", "true"],
};

export function TriggersPage() {
  const { q, state, page } = triggersRoute.useSearch();
  const navigate = useNavigate({ from: triggersRoute.fullPath });
  const chosen = STATES[state ?? ""];
  const filter: (readonly [string, string])[] = [
    ...(q ? [["q", q] as const] : []),
    ...(chosen ? [chosen] : []),
  ];
  return (
    <Page
      title="Triggers"
      heading="Triggers"
      actions={
        <SearchForm
          words={q}
          placeholder="flow, trigger or namespace"
          look={words => void navigate({ search: { q: words, state } })}
        >
          <Choice
            label="State"
            any="any"
            values={Object.keys(STATES)}
            value={state}
            choose={name => void navigate({ search: { q, state: name } })}
          />
        </SearchForm>
      }
    >
      <Card>
        <TriggerList
          filter={filter}
          page={Number(page ?? 1)}
          turn={at => void navigate({ search: before => ({ ...before, page: String(at) }) })}
          empty={
            filter.length
              ? "No trigger matches."
              : "No triggers here. A flow that is saved with triggers brings them."
          }
        />
      </Card>
    </Page>
  );
}
