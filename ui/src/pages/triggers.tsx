// The triggers of all flows: when they fire next, and whether they do.

import { Button } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { api, post, put } from "../api/client.ts";
import type { Page as PageOf, TriggerItem, TriggerState } from "../api/types.ts";
import { Problem, say, useAct } from "../parts/act.tsx";
import { ExecutionLink, FlowLink } from "../parts/links.tsx";
import { List } from "../parts/list.tsx";
import { Moment } from "../parts/moment.tsx";
import { Name } from "../parts/name.tsx";
import { Card, Page } from "../parts/page.tsx";
import { SearchForm } from "../parts/search.tsx";
import { StateText } from "../parts/state-mark.tsx";
import { Cell, Row } from "../parts/table.tsx";
import { triggersRoute } from "../routes.ts";

const SIZE = 50;
export const TRIGGER_HEAD = ["Trigger", "Flow", "Type", "State", "Next", "Last", "Acts"];

export function TriggersPage() {
  const { q, page } = triggersRoute.useSearch();
  const navigate = useNavigate({ from: triggersRoute.fullPath });
  return (
    <Page
      title="Triggers"
      heading="Triggers"
      actions={
        <SearchForm
          words={q}
          placeholder="flow, trigger or namespace"
          look={words => void navigate({ search: { q: words } })}
        />
      }
    >
      <Card>
        <List
          name="Triggers"
          head={TRIGGER_HEAD}
          of={["triggers", q]}
          read={(at, signal) => read(q, at, signal)}
          row={item => <TriggerRow key={keyOf(item.state)} item={item} />}
          empty={
            q
              ? `No trigger matches “${q}”.`
              : "No triggers here. A flow that is saved with triggers brings them."
          }
          size={SIZE}
          page={Number(page ?? 1)}
          turn={at => void navigate({ search: before => ({ ...before, page: String(at) }) })}
          words={["Previous", "Next"]}
        />
      </Card>
    </Page>
  );
}

function read(q: string | undefined, page: number, signal: AbortSignal): Promise<PageOf<TriggerItem>> {
  const query = new URLSearchParams({ size: String(SIZE), page: String(page) });
  if (q) query.set("q", q);
  return api<PageOf<TriggerItem>>(`triggers/search?${query}`, { signal });
}

const keyOf = (state: TriggerState): string =>
  JSON.stringify([state.namespace, state.flowId, state.triggerId]);

export function TriggerRow({ item }: { item: TriggerItem }) {
  const { busy, error, run } = useAct();
  // What a button's answer said, until the list is read again.
  const [changed, setChanged] = useState<{ of: TriggerItem; state: TriggerState } | null>(null);
  const state = changed?.of === item ? changed.state : item.state;
  const { namespace, flowId, triggerId, disabled } = state;
  const named = { namespace, flowId, triggerId };
  const turn = async () => {
    const now = await put<TriggerState>("triggers/set-disabled", { ...named, disabled: !disabled });
    setChanged({ of: item, state: now });
    say(`${triggerId} is ${disabled ? "enabled" : "disabled"}`);
  };
  const unlock = async () => {
    await post("triggers/unlock/by-triggers", [named]);
    setChanged({ of: item, state: { ...state, locked: false } });
  };
  return (
    <Row>
      <Cell label="Trigger" kind="wide id">
        <Name of={triggerId} />
      </Cell>
      <Cell label="Flow" kind="wide">
        <FlowLink namespace={namespace} id={flowId}>
          <Name of={`${namespace}.${flowId}`} />
        </FlowLink>
      </Cell>
      <Cell label="Type">{item.trigger.type.split(".").at(-1)}</Cell>
      <Cell label="State" kind="status">
        <Standing state={state} />
      </Cell>
      <Cell label="Next" kind="number">
        <MomentOr at={disabled ? undefined : state.nextExecutionDate} />
      </Cell>
      <Cell label="Last" kind="number">
        <MomentOr at={state.lastTriggeredDate} />
      </Cell>
      <Cell label="Acts">
        <div className="row">
          <Button size="compact-sm" variant="default" loading={busy} onClick={() => void run(turn)}>
            {disabled ? "Enable" : "Disable"}
          </Button>
          {state.locked ? (
            <Button size="compact-sm" variant="default" onClick={() => void run(unlock)}>
              Unlock
            </Button>
          ) : null}
        </div>
        <Problem error={error} />
      </Cell>
    </Row>
  );
}

const MomentOr = ({ at }: { at: string | undefined }) => (at ? <Moment at={at} /> : "—");

function Standing({ state }: { state: TriggerState }) {
  const { namespace, flowId, executionId, disabled, locked } = state;
  const text = disabled ? "disabled" : locked ? "waits for its execution" : "enabled";
  const shown = <StateText kind={disabled ? "idle" : locked ? "busy" : "good"}>{text}</StateText>;
  if (disabled || !executionId) return shown;
  return <ExecutionLink of={{ namespace, flowId, id: executionId }}>{shown}</ExecutionLink>;
}
