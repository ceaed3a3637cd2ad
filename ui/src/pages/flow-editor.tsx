// Writes a flow: a new one, or the next revision of one that is there.

import { Button } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { Link, useBlocker, useNavigate } from "@tanstack/react-router";
import { lazy, Suspense, useRef, useState } from "react";
import { api, path, statusOf } from "../api/client.ts";
import type { Finding, FlowWithSource } from "../api/types.ts";
import { settings } from "../model/settings.ts";
import { Problem, say, useAct } from "../parts/act.tsx";
import { useConfirm } from "../parts/confirm.tsx";
import type { EditorHandle } from "../parts/editor/source-editor.tsx";
import { Findings } from "../parts/findings.tsx";
import { Name } from "../parts/name.tsx";
import { Card, Loading, Page } from "../parts/page.tsx";

// The editor is large, so it is loaded with its page.
const SourceEditor = lazy(() => import("../parts/editor/source-editor.tsx"));

const beginning = (namespace: string): string => `id: my_flow
namespace: ${namespace}

tasks:
  - id: hello
    type: io.kestra.plugin.core.log.Log
    message: Hello, World!
`;
const LEAVE = {
  title: "Leave without saving?",
  text: "What you changed here is lost.",
  yes: "Leave",
  danger: true,
};
const OVERWRITE = {
  title: "Save over the newer revision?",
  text: "Somebody saved this flow after you opened it. Their revision stays in the list of revisions, and yours becomes the latest.",
  yes: "Save over it",
  danger: true,
};
const YAML = { "Content-Type": "application/x-yaml" };

export function NewFlowPage() {
  return <FlowEditor title="New flow" first={null} source={beginning(settings.now().namespace)} />;
}

export function EditFlowPage({ stored }: { stored: FlowWithSource }) {
  return <FlowEditor title={`Edit ${stored.namespace}.${stored.id}`} first={stored} source={stored.source} />;
}

interface FlowEditorProps {
  title: string;
  /** What was stored when the page was opened. Null for a new flow. */
  first: FlowWithSource | null;
  source: string;
}

function FlowEditor({ title, first, source }: FlowEditorProps) {
  const [start] = useState(source);
  const [stored, setStored] = useState(first);
  const [text, setText] = useState(start);
  const [saved, setSaved] = useState(start);
  const [found, setFound] = useState<readonly Finding[] | Error | null>(null);
  const editor = useRef<EditorHandle>(null);
  const { busy, error, run } = useAct();
  const confirmed = useConfirm();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const unsaved = text !== saved;
  const leaving = useRef(false);
  useBlocker({
    shouldBlockFn: async () => unsaved && !leaving.current && !(await confirmed(LEAVE)),
    enableBeforeUnload: () => unsaved && !leaving.current,
  });

  const keep = async (force = false): Promise<void> => {
    const sent = editor.current?.text() ?? text;
    let now: FlowWithSource;
    try {
      now = await send(stored, sent, force);
    } catch (failure) {
      if (force || statusOf(failure) !== 412 || !(await confirmed(OVERWRITE))) throw failure;
      return keep(true);
    }
    setStored(now);
    setSaved(sent);
    say(`Saved as revision ${now.revision}.`);
    await queries.invalidateQueries({ queryKey: ["flow", now.namespace, now.id] });
    if (stored) return;
    leaving.current = true;
    await navigate({
      to: "/main/flows/edit/$namespace/$id/{-$tab}",
      params: { namespace: now.namespace, id: now.id, tab: undefined },
    });
  };
  const mayWrite = !busy && (stored === null || unsaved);
  const save = () => {
    if (mayWrite) void run(keep);
  };
  const revision = stored ? `Revision ${stored.revision}` : "Not saved yet";
  return (
    <Page
      title={title}
      heading={stored ? <>Edit {<Name of={stored.id} />}</> : title}
      note={<span role="status">{stored && unsaved ? `${revision}, changed since` : revision}</span>}
      actions={
        <>
          {stored ? <Back to={stored} /> : null}
          <Button disabled={!mayWrite} onClick={save}>
            Save
          </Button>
        </>
      }
    >
      <Problem error={error} />
      <Card>
        <Suspense fallback={<Loading />}>
          <SourceEditor handle={editor} first={start} changed={setText} checked={setFound} save={save} />
        </Suspense>
      </Card>
      <Findings found={found} go={({ line, column }) => editor.current?.show(line, column)} />
    </Page>
  );
}

function Back({ to: { namespace, id } }: { to: FlowWithSource }) {
  return (
    <Button
      variant="default"
      renderRoot={props => (
        <Link
          to="/main/flows/edit/$namespace/$id/{-$tab}"
          params={{ namespace, id, tab: undefined }}
          {...props}
        />
      )}
    >
      Back to the flow
    </Button>
  );
}

/** The server compares revisions, so nobody's work is lost unseen. */
function send(stored: FlowWithSource | null, source: string, force: boolean): Promise<FlowWithSource> {
  if (!stored) return api<FlowWithSource>("flows", { method: "POST", body: source, headers: YAML });
  const { namespace, id, revision } = stored;
  const headers = force ? YAML : { ...YAML, "If-Match": String(revision) };
  return api<FlowWithSource>(`flows/${path(namespace, id)}`, { method: "PUT", body: source, headers });
}
