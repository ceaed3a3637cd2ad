// One trigger: whether it fires, when, and what can be done with it. A backfill on its way has a row of its own below.

import { ActionIcon, Button, Menu } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { Ellipsis } from "lucide-react";
import { useState } from "react";
import { api, ask, path, post, put } from "../api/client.ts";
import type { TriggerItem, TriggerState } from "../api/types.ts";
import { cronText } from "../model/cron.ts";
import { distanceText } from "../model/time.ts";
import { Problem, say, useAct } from "./act.tsx";
import { BackfillDialog } from "./backfill-dialog.tsx";
import { BackfillRow } from "./backfill-row.tsx";
import { type Choosing, isChosen, RowChoice } from "./choosing.tsx";
import { useConfirm } from "./confirm.tsx";
import { ExecutionLink, FlowLink } from "./links.tsx";
import { Moment } from "./moment.tsx";
import { Name } from "./name.tsx";
import { StateText } from "./state-mark.tsx";
import { Cell, Row } from "./table.tsx";
import { keyOf } from "./trigger-acts.ts";

export const TRIGGER_HEAD = ["Trigger", "Flow", "Fires", "State", "Next", "Last", "Acts"];

interface TriggerRowProps {
  item: TriggerItem;
  choosing: Choosing<TriggerItem>;
}

export function TriggerRow({ item, choosing }: TriggerRowProps) {
  // What a button's answer said, until the list is read again.
  const [changed, setChanged] = useState<{ of: TriggerItem; state: TriggerState } | null>(null);
  const state = changed?.of === item ? changed.state : item.state;
  const take = (now: TriggerState) => setChanged({ of: item, state: now });
  const { namespace, flowId, triggerId, disabled, backfill } = state;
  return (
    <>
      <Row className={`${isChosen(choosing, item) ? "chosen" : ""} ${backfill ? "continued" : ""}`}>
        <Cell label="Trigger" kind="wide id">
          <RowChoice of={choosing} item={item} name={`${namespace}.${flowId}.${triggerId}`} />
          <Name of={triggerId} />
        </Cell>
        <Cell label="Flow" kind="wide">
          <FlowLink namespace={namespace} id={flowId}>
            <Name of={`${namespace}.${flowId}`} />
          </FlowLink>
        </Cell>
        <Cell label="Fires" kind="wide">
          <Fires of={item.trigger} />
        </Cell>
        <Cell label="State" kind="status">
          <Standing state={state} />
        </Cell>
        <Cell label="Next" kind="number">
          <Next at={disabled ? undefined : state.nextExecutionDate} />
        </Cell>
        <Cell label="Last" kind="number">
          {state.lastTriggeredDate ? <Moment at={state.lastTriggeredDate} /> : "—"}
        </Cell>
        <Cell label="Acts">
          <Acts item={item} state={state} take={take} />
        </Cell>
      </Row>
      {backfill ? <BackfillRow state={state} backfill={backfill} take={take} /> : null}
    </>
  );
}

function Fires({ of: { type, cron, timezone } }: { of: TriggerItem["trigger"] }) {
  const kind = type.split(".").at(-1);
  if (!cron) return kind;
  const text = cronText(cron);
  return (
    <span title={cron}>
      {text ?? <code>{cron}</code>}
      {timezone ? <span className="note"> {timezone}</span> : null}
    </span>
  );
}

function Next({ at }: { at: string | undefined }) {
  if (!at) return "—";
  return (
    <>
      <Moment at={at} />
      <p className="note">{distanceText(new Date(at))}</p>
    </>
  );
}

function Standing({ state }: { state: TriggerState }) {
  const { namespace, flowId, executionId, disabled, locked, problem } = state;
  const text = disabled ? "disabled" : locked ? "waits for its execution" : "enabled";
  const shown = <StateText kind={disabled ? "idle" : locked ? "busy" : "good"}>{text}</StateText>;
  return (
    <>
      {disabled || !executionId ? (
        shown
      ) : (
        <ExecutionLink of={{ namespace, flowId, id: executionId }}>{shown}</ExecutionLink>
      )}
      <Problem error={problem} />
    </>
  );
}

interface ActsProps {
  item: TriggerItem;
  state: TriggerState;
  take: (now: TriggerState) => void;
}

function Acts({ item, state, take }: ActsProps) {
  const { busy, error, run } = useAct();
  const [filling, setFilling] = useState(false);
  const { triggerId, disabled } = state;
  const turn = async () => {
    take(await put<TriggerState>("triggers/set-disabled", { ...keyOf(state), disabled: !disabled }));
    say(`${triggerId} is ${disabled ? "enabled" : "disabled"}`);
  };
  return (
    <>
      <div className="row nowrap">
        <Button size="compact-sm" variant="default" loading={busy} onClick={() => void run(turn)}>
          {disabled ? "Enable" : "Disable"}
        </Button>
        {item.trigger.cron ? (
          <Button
            size="compact-sm"
            variant="default"
            disabled={state.backfill !== undefined}
            onClick={() => setFilling(true)}
          >
            Backfill
          </Button>
        ) : null}
        <More state={state} take={take} run={run} />
      </div>
      <Problem error={error} />
      {filling ? <BackfillDialog state={state} close={() => setFilling(false)} begun={take} /> : null}
    </>
  );
}

interface MoreProps {
  state: TriggerState;
  take: (now: TriggerState) => void;
  run: (work: () => Promise<void>) => Promise<void>;
}

function More({ state, take, run }: MoreProps) {
  const confirmed = useConfirm();
  const queries = useQueryClient();
  const { namespace, flowId, triggerId, locked } = state;
  const at = `triggers/${path(namespace, flowId, triggerId)}`;
  const unlock = async () => take(await post<TriggerState>(`${at}/unlock`, {}));
  const restart = async () => {
    take(await api<TriggerState>(`${at}/restart`, { method: "POST" }));
    say(`${triggerId} has its next date again`);
  };
  const remove = async () => {
    const text =
      "It begins anew as its flow declares it: without its last date, its backfill, and whether it was disabled.";
    if (!(await confirmed({ title: `Delete the state of ${triggerId}?`, text, danger: true }))) return;
    await ask(at, { method: "DELETE" });
    await queries.invalidateQueries({ queryKey: ["triggers"] });
  };
  return (
    <Menu
      position="bottom-end"
      withinPortal
      transitionProps={{ duration: 0 }}
      withInitialFocusPlaceholder={false}
    >
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" aria-label={`More for ${triggerId}`}>
          <Ellipsis size={16} aria-hidden />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item disabled={!locked} onClick={() => void run(unlock)}>
          Unlock
        </Menu.Item>
        <Menu.Item onClick={() => void run(restart)}>Restart</Menu.Item>
        <Menu.Item className="danger" disabled={locked} onClick={() => void run(remove)}>
          Delete state
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
