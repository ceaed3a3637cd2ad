// One namespace: its files, its stored values, the names of its secrets.

import { Link, useNavigate } from "@tanstack/react-router";
import { FileList } from "../parts/files.tsx";
import { Name } from "../parts/name.tsx";
import { Page } from "../parts/page.tsx";
import { SecretList } from "../parts/secrets.tsx";
import { Tabs } from "../parts/tabs.tsx";
import { ValueList } from "../parts/values.tsx";
import { namespaceRoute } from "../routes.ts";

const TABS = { files: "Files", kv: "KV Store", secrets: "Secrets" } as const;
type Tab = keyof typeof TABS;

export function NamespacePage() {
  const { id, tab } = namespaceRoute.useParams();
  const { page = "1", folder = "/", file } = namespaceRoute.useSearch();
  const navigate = useNavigate({ from: namespaceRoute.fullPath });
  const open: Tab = tab !== undefined && tab in TABS ? (tab as Tab) : "files";
  const turn = (at: number) => void navigate({ search: before => ({ ...before, page: String(at) }) });
  const look = (wanted: { folder: string; file?: string }) => void navigate({ search: wanted });
  return (
    <Page
      title={id}
      heading={<Name of={id} />}
      note={
        <>
          <Link to="/main/flows" search={{ q: id }}>
            Its flows
          </Link>
          {" · "}
          <Link to="/main/executions" search={{ q: id }}>
            Its executions
          </Link>
        </>
      }
    >
      <Tabs of={TABS} open={open} go={name => void navigate({ params: { id, tab: name }, search: {} })}>
        {open === "files" ? <FileList namespace={id} folder={folder} file={file} look={look} /> : null}
        {open === "kv" ? <ValueList namespace={id} q={undefined} page={Number(page)} turn={turn} /> : null}
        {open === "secrets" ? <SecretList namespace={id} page={Number(page)} turn={turn} /> : null}
      </Tabs>
    </Page>
  );
}
