// What the tasks of an execution gave, and a console for expressions over it.

import { Button, Input } from "@mantine/core";
import { type SubmitEvent, useState } from "react";
import { path, postText } from "../api/client.ts";
import type { Evaluated, Execution } from "../api/types.ts";
import { nameOf } from "../model/tree.ts";
import { Problem, useAct } from "./act.tsx";
import { Name } from "./name.tsx";
import { Card, Empty } from "./page.tsx";
import { Cell, Row, Table } from "./table.tsx";

/** Rows that are shown at once. The trace has every task run. */
const MOST = 500;

export function Outputs({ execution }: { execution: Execution }) {
  const runs = (execution.taskRunList ?? []).filter(run => Object.keys(run.outputs ?? {}).length);
  const shown = runs.slice(0, MOST);
  return (
    <>
      {execution.outputs ? (
        <Card title="Outputs of the flow">
          <Value id={execution.id} of={execution.outputs} />
        </Card>
      ) : null}
      <Card title="Outputs of tasks">
        {shown.length ? (
          <Table name="Outputs" head={["Task", "Value"]} kind="outputs">
            {shown.map(run => (
              <Row key={run.id}>
                <Cell label="Task" kind="wide id">
                  <Name of={nameOf(run)} />
                </Cell>
                <Cell label="Value" kind="wide">
                  <Value id={execution.id} of={run.outputs} />
                </Cell>
              </Row>
            ))}
          </Table>
        ) : (
          <Empty>No task has given anything yet.</Empty>
        )}
        {runs.length > MOST ? <p className="note">{`The first ${MOST} of ${runs.length}.`}</p> : null}
      </Card>
      <Card title="Expression">
        <Console id={execution.id} />
      </Card>
    </>
  );
}

function Value({ id, of }: { id: string; of: unknown }) {
  const files = filesIn(of);
  return (
    <>
      <pre>{JSON.stringify(of, null, 2)}</pre>
      {files.map(file => (
        <p key={file} className="note">
          <a href={`/api/v1/main/executions/${path(id)}/file?path=${encodeURIComponent(file)}`} download>
            {file.split("/").at(-1)}
          </a>
        </p>
      ))}
    </>
  );
}

/** Addresses of stored files, wherever they are in a value. */
function filesIn(value: unknown): string[] {
  if (typeof value === "string") return value.startsWith("kestra:///") ? [value] : [];
  if (typeof value !== "object" || value === null) return [];
  return Object.values(value).flatMap(filesIn);
}

function Console({ id }: { id: string }) {
  const [text, setText] = useState("{{ outputs }}");
  const [told, setTold] = useState<Evaluated | null>(null);
  const { busy, error, run } = useAct();
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    void run(async () => setTold(await postText<Evaluated>(`executions/${path(id)}/actions/eval`, text)));
  };
  return (
    <form className="fields" onSubmit={submit}>
      <Input
        component="textarea"
        multiline
        rows={2}
        aria-label="Expression"
        classNames={{ input: "mono" }}
        value={text}
        onChange={event => setText(event.currentTarget.value)}
      />
      <Button type="submit" variant="default" loading={busy}>
        Evaluate
      </Button>
      <Problem error={error ?? told?.error} />
      {told?.result === undefined ? null : <pre>{told.result}</pre>}
    </form>
  );
}
