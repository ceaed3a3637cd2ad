// The executions of all flows, with a search.

import { Button } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { X } from "lucide-react";
import { STATES } from "../model/states.ts";
import { momentText } from "../model/time.ts";
import { ColumnChoice, ExecutionList, type Filter } from "../parts/execution-list.tsx";
import { NamedChoice } from "../parts/named.tsx";
import { Card, Page } from "../parts/page.tsx";
import { Choice, SearchForm } from "../parts/search.tsx";
import { executionsRoute } from "../routes.ts";

/** Spans that end now, with the words for them. */
const RANGES: Readonly<Record<string, string>> = {
  "last hour": "PT1H",
  "last day": "P1D",
  "last week": "P7D",
  "last month": "P30D",
};

export function ExecutionsPage() {
  const { page, ...asked } = executionsRoute.useSearch();
  const { q, state, range, from, to } = asked;
  const navigate = useNavigate({ from: executionsRoute.fullPath });
  const between = from !== undefined || to !== undefined;
  const filter: Filter = [
    ["q", q],
    ["state", state],
    ["startDate", from],
    ["endDate", to],
    ["timeRange", between ? undefined : RANGES[range ?? ""]],
  ];
  return (
    <Page
      title="Executions"
      heading="Executions"
      actions={
        <SearchForm
          words={q}
          placeholder="id, flow or namespace"
          look={words => void navigate({ search: { ...asked, q: words } })}
        >
          <Choice
            label="State"
            any="any"
            values={STATES}
            value={state}
            choose={chosen => void navigate({ search: { ...asked, state: chosen } })}
          />
          <Choice
            label="Started"
            any={between ? "in this span" : "at any time"}
            values={Object.keys(RANGES)}
            value={between ? undefined : range}
            choose={chosen => void navigate({ search: { q, state, range: chosen } })}
          />
        </SearchForm>
      }
    >
      {between ? (
        <p className="chips">
          <Button
            size="compact-sm"
            variant="default"
            rightSection={<X size={13} aria-hidden />}
            onClick={() => void navigate({ search: { q, state } })}
          >
            {["Started", ...named("from", from), ...named("to", to)].join(" ")}
          </Button>
        </p>
      ) : null}
      <Card>
        <div className="list-tools">
          <NamedChoice<typeof asked>
            place={["executions"]}
            thing="view"
            text="The filters of this list are kept in this browser under a name."
            value={() => asked}
            open={search => void navigate({ search })}
          />
          <ColumnChoice />
        </div>
        <ExecutionList
          filter={filter}
          page={Number(page ?? 1)}
          turn={at => void navigate({ search: before => ({ ...before, page: String(at) }) })}
        />
      </Card>
    </Page>
  );
}

const named = (word: string, at: string | undefined): string[] =>
  at ? [word, momentText(new Date(at))] : [];
