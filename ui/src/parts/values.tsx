// Stored values: their keys, what they hold, and how they are set and deleted.

import { Button, NativeSelect, TextInput } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { type SubmitEvent, useState } from "react";
import { api, ask, path } from "../api/client.ts";
import type { Page, StoredValue, ValueEntry } from "../api/types.ts";
import { shown } from "../model/input-form.ts";
import { Problem, useAct } from "./act.tsx";
import { DeleteCell } from "./delete-cell.tsx";
import { NamespaceLink } from "./links.tsx";
import { List } from "./list.tsx";
import { Moment } from "./moment.tsx";
import { Card, Loading } from "./page.tsx";
import { Cell, Row } from "./table.tsx";

const SIZE = 50;

interface ValueListProps {
  /** Of all namespaces if none is given. */
  namespace?: string;
  q: string | undefined;
  page: number;
  turn: (page: number) => void;
}

export function ValueList({ namespace, q, page, turn }: ValueListProps) {
  return (
    <>
      <Card>
        <List
          name="Values"
          head={["Key", ...(namespace ? [] : ["Namespace"]), "Value", "Changed", "Acts"]}
          of={["values", namespace, q]}
          read={(at, signal) => read({ namespace, q, page: at }, signal)}
          row={entry => (
            <ValueRow
              key={`${entry.namespace} ${entry.key}`}
              entry={entry}
              namespace={entry.namespace ?? namespace ?? ""}
              alone={namespace !== undefined}
            />
          )}
          empty="No values. Flows keep what they need next time here, with kv('key') and the tasks of core.kv."
          size={SIZE}
          page={page}
          turn={turn}
          words={["Previous", "Next"]}
        />
      </Card>
      {namespace ? (
        <Card title="Set a value">
          <SetValue namespace={namespace} />
        </Card>
      ) : null}
    </>
  );
}

interface Asked {
  namespace: string | undefined;
  q: string | undefined;
  page: number;
}

async function read({ namespace, q, page }: Asked, signal: AbortSignal): Promise<Page<ValueEntry>> {
  const query = new URLSearchParams({ size: String(SIZE), page: String(page), sort: "key:asc" });
  if (q) query.set("q", q);
  if (namespace) query.set("namespace", namespace);
  return api<Page<ValueEntry>>(`kv?${query}`, { signal });
}

interface ValueRowProps {
  entry: ValueEntry;
  namespace: string;
  /** The namespace is that of the page. */
  alone: boolean;
}

function ValueRow({ entry, namespace, alone }: ValueRowProps) {
  return (
    <Row>
      <Cell label="Key" kind="wide id">
        {entry.key}
        {entry.description ? <p className="note">{entry.description}</p> : null}
      </Cell>
      {alone ? null : (
        <Cell label="Namespace" kind="wide">
          <NamespaceLink id={namespace} />
        </Cell>
      )}
      <Cell label="Value" kind="wide">
        <Peek namespace={namespace} name={entry.key} />
      </Cell>
      <Cell label="Changed" kind="number">
        {entry.updateDate ? <Moment at={entry.updateDate} /> : "—"}
        {entry.expirationDate ? (
          <p className="note">
            until <Moment at={entry.expirationDate} />
          </p>
        ) : null}
      </Cell>
      <DeleteCell
        name={entry.key}
        text="Flows that read it fail from now on."
        at={`namespaces/${path(namespace)}/kv/${path(entry.key)}`}
        shownBy={["values"]}
      />
    </Row>
  );
}

/** A value may be long or private, so it comes when it is asked for. */
function Peek({ namespace, name }: { namespace: string; name: string }) {
  const [open, setOpen] = useState(false);
  const value = useQuery({
    queryKey: ["values", namespace, name, "value"],
    queryFn: ({ signal }) => api<StoredValue>(`namespaces/${path(namespace)}/kv/${path(name)}`, { signal }),
    enabled: open,
  });
  return (
    <details open={open} onToggle={event => setOpen(event.currentTarget.open)}>
      <summary>{value.data?.type ?? "Show"}</summary>
      {value.error ? <Problem error={value.error} /> : null}
      {value.data ? <pre>{shown(value.data.value ?? null)}</pre> : open && !value.error ? <Loading /> : null}
    </details>
  );
}

const TYPES = ["text", "JSON"] as const;

function SetValue({ namespace }: { namespace: string }) {
  const { busy, error, run } = useAct();
  const queries = useQueryClient();
  const submit = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = event.currentTarget;
    const given = new FormData(form);
    const text = String(given.get("value"));
    void run(async () => {
      await ask(`namespaces/${path(namespace)}/kv/${path(String(given.get("key")))}`, {
        method: "PUT",
        body: given.get("type") === "JSON" ? text : JSON.stringify(text),
        headers: { "Content-Type": "application/json" },
      });
      form.reset();
      await queries.invalidateQueries({ queryKey: ["values"] });
    });
  };
  return (
    <form onSubmit={submit}>
      <div className="filters">
        <TextInput label="Key" name="key" required />
        <NativeSelect label="Kind" name="type" data={[...TYPES]} />
        <TextInput label="Value" name="value" required />
        <Button type="submit" variant="default" loading={busy}>
          Set
        </Button>
      </div>
      <Problem error={error} />
    </form>
  );
}
