// The files of a namespace: folders to walk through, and a file to read and write.

import { Button, Input } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { File as FileIcon, Folder } from "lucide-react";
import { type SubmitEvent, useId, useState } from "react";
import { api, ask, path } from "../api/client.ts";
import type { FileAttributes } from "../api/types.ts";
import { bytesText } from "../model/words.ts";
import { Problem, say, useAct } from "./act.tsx";
import { DeleteCell } from "./delete-cell.tsx";
import { Card, Empty, Loaded } from "./page.tsx";
import { Cell, Row, Table } from "./table.tsx";

/** Longer files are for an editor outside. */
const MOST = 300_000;

interface FileListProps {
  namespace: string;
  folder: string;
  file: string | undefined;
  look: (wanted: { folder: string; file?: string }) => void;
}

export function FileList({ namespace, folder, file, look }: FileListProps) {
  const files = useQuery({
    queryKey: ["files", namespace, folder],
    queryFn: ({ signal }) =>
      api<FileAttributes[]>(
        `namespaces/${path(namespace)}/files/directory?path=${encodeURIComponent(folder)}`,
        { signal },
      ),
  });
  const within = (name: string) => `${folder === "/" ? "" : folder}/${name}`;
  return (
    <>
      <Card title={folder === "/" ? "Files" : folder}>
        <Loaded of={files}>
          {found =>
            found.length || folder !== "/" ? (
              <Table name="Files" head={["Name", "Size", "Acts"]}>
                {folder === "/" ? null : (
                  <Row>
                    <Cell label="Name" kind="wide id">
                      <Open text=".." folder press={() => look({ folder: parentOf(folder) })} />
                    </Cell>
                    <Cell label="Size" />
                    <Cell label="Acts" />
                  </Row>
                )}
                {found.map(each => (
                  <FileRow
                    key={each.fileName}
                    namespace={namespace}
                    address={within(each.fileName)}
                    of={each}
                    open={() =>
                      look(
                        each.type === "Directory"
                          ? { folder: within(each.fileName) }
                          : { folder, file: within(each.fileName) },
                      )
                    }
                  />
                ))}
              </Table>
            ) : (
              <Empty>
                No files. Scripts, queries and settings that stand here are at hand in every flow of the
                namespace.
              </Empty>
            )
          }
        </Loaded>
        <Upload namespace={namespace} folder={folder} />
      </Card>
      {file ? <OpenFile key={file} namespace={namespace} address={file} /> : null}
    </>
  );
}

const parentOf = (folder: string): string => folder.split("/").slice(0, -1).join("/") || "/";

function Open({ text, folder, press }: { text: string; folder: boolean; press: () => void }) {
  const Icon = folder ? Folder : FileIcon;
  return (
    <button className="plain" type="button" onClick={press}>
      <Icon size={14} aria-hidden />
      {text}
    </button>
  );
}

interface FileRowProps {
  namespace: string;
  address: string;
  of: FileAttributes;
  open: () => void;
}

function FileRow({ namespace, address, of, open }: FileRowProps) {
  const isFolder = of.type === "Directory";
  return (
    <Row>
      <Cell label="Name" kind="wide id">
        <Open text={of.fileName} folder={isFolder} press={open} />
      </Cell>
      <Cell label="Size" kind="number">
        {isFolder ? "" : bytesText(of.size ?? 0)}
      </Cell>
      <DeleteCell
        name={of.fileName}
        text={isFolder ? "Everything in it is deleted, too." : "Flows that read it fail from now on."}
        at={filePath(namespace, address)}
        shownBy={["files", namespace]}
      />
    </Row>
  );
}

const filePath = (namespace: string, address: string): string =>
  `namespaces/${path(namespace)}/files?path=${encodeURIComponent(address)}`;

async function keep(namespace: string, address: string, content: Blob): Promise<void> {
  const body = new FormData();
  body.append("fileContent", content, address.split("/").at(-1));
  await ask(filePath(namespace, address), { method: "POST", body });
}

function Upload({ namespace, folder }: { namespace: string; folder: string }) {
  const { busy, error, run } = useAct();
  const queries = useQueryClient();
  const id = useId();
  const submit = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = event.currentTarget;
    const chosen = new FormData(form).getAll("files").filter(each => each instanceof File);
    void run(async () => {
      for (const each of chosen) await keep(namespace, `${folder === "/" ? "" : folder}/${each.name}`, each);
      form.reset();
      await queries.invalidateQueries({ queryKey: ["files", namespace] });
    });
  };
  return (
    <form onSubmit={submit} className="upload">
      <div className="filters">
        <Input.Wrapper label="Add files to this folder" id={id}>
          <Input id={id} type="file" name="files" multiple required />
        </Input.Wrapper>
        <Button type="submit" variant="default" loading={busy}>
          Upload
        </Button>
      </div>
      <Problem error={error} />
    </form>
  );
}

function OpenFile({ namespace, address }: { namespace: string; address: string }) {
  const content = useQuery({
    queryKey: ["files", namespace, address, "content"],
    queryFn: async ({ signal }) => (await ask(filePath(namespace, address), { signal })).text(),
    refetchOnWindowFocus: false,
  });
  return (
    <Card title={address}>
      <Loaded of={content}>
        {text =>
          text.length > MOST || text.includes("\0") ? (
            <p className="note">
              {"This file is not shown as text. "}
              <a href={`/api/v1/main/${filePath(namespace, address)}`} download>
                Download it
              </a>
            </p>
          ) : (
            <Written namespace={namespace} address={address} first={text} />
          )
        }
      </Loaded>
    </Card>
  );
}

function Written({ namespace, address, first }: { namespace: string; address: string; first: string }) {
  const [text, setText] = useState(first);
  const [saved, setSaved] = useState(first);
  const { busy, error, run } = useAct();
  const save = async () => {
    await keep(namespace, address, new Blob([text]));
    setSaved(text);
    say(`${address} is saved.`);
  };
  return (
    <div className="fields">
      <Input
        component="textarea"
        multiline
        rows={16}
        aria-label="Content"
        spellCheck={false}
        classNames={{ input: "mono" }}
        value={text}
        onChange={event => setText(event.currentTarget.value)}
      />
      <Problem error={error} />
      <Button disabled={text === saved} loading={busy} onClick={() => void run(save)}>
        Save
      </Button>
    </div>
  );
}
