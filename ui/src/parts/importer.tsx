// Imports flows from files, one after the other, and shows the results.

import { Button, Input } from "@mantine/core";
import { type SubmitEvent, useId, useState } from "react";
import { api } from "../api/client.ts";
import { messageOf, Problem, useAct } from "./act.tsx";

export function Importer({ imported }: { imported: () => Promise<void> }) {
  const { busy, error, run } = useAct();
  const [done, setDone] = useState("");
  const id = useId();
  const submit = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = event.currentTarget;
    const chosen = new FormData(form).getAll("files").filter(each => each instanceof File);
    setDone("");
    void run(async () => {
      for (const file of chosen) await importOne(file).finally(imported);
      setDone(`Imported ${chosen.map(file => file.name).join(", ")}.`);
      form.reset();
    });
  };
  return (
    <>
      <form className="filters" onSubmit={submit}>
        <Input.Wrapper label="Import flows from YAML or zip files" id={id}>
          <Input id={id} type="file" name="files" multiple required accept=".yml,.yaml,.zip" />
        </Input.Wrapper>
        <Button type="submit" variant="default" loading={busy}>
          Import
        </Button>
      </form>
      <div role="status">{done ? <p className="done">{done}</p> : null}</div>
      <Problem error={error} />
    </>
  );
}

async function importOne(file: File): Promise<void> {
  const body = new FormData();
  body.append("fileUpload", file);
  try {
    await api<unknown>("flows/import?failOnError=true", { method: "POST", body });
  } catch (error) {
    throw new Error(`${file.name} was not imported. ${messageOf(error)}`, { cause: error });
  }
}
