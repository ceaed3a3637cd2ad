// The revisions of a flow: what changed from one to another, and the way back to one.

import { Button, NativeSelect } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { lazy, Suspense } from "react";
import { api, path } from "../api/client.ts";
import type { FlowWithSource, Revision } from "../api/types.ts";
import { momentText } from "../model/time.ts";
import { Problem, say, useAct } from "../parts/act.tsx";
import { useConfirm } from "../parts/confirm.tsx";
import { Card, Empty, Loaded, Loading } from "../parts/page.tsx";
import { flowRoute } from "../routes.ts";

const Difference = lazy(() => import("../parts/editor/difference.tsx"));
const YAML = { "Content-Type": "application/x-yaml" };

export function FlowRevisions({ flow }: { flow: FlowWithSource }) {
  const { namespace, id } = flow;
  const revisions = useQuery({
    queryKey: ["flow", namespace, id, "revisions", flow.revision],
    queryFn: ({ signal }) => api<Revision[]>(`flows/${path(namespace, id)}/revisions`, { signal }),
  });
  return (
    <Card>
      <Loaded of={revisions}>{found => <Compared flow={flow} revisions={found} />}</Loaded>
    </Card>
  );
}

function Compared({ flow, revisions }: { flow: FlowWithSource; revisions: readonly Revision[] }) {
  const { revision } = flowRoute.useSearch();
  const navigate = useNavigate({ from: flowRoute.fullPath });
  const older = revisions.filter(each => each.revision !== flow.revision).toReversed();
  const chosen = older.find(each => String(each.revision) === revision) ?? older[0];
  if (!chosen)
    return (
      <Empty>{`Revision ${flow.revision} is the only one. Every save adds one, and none is lost.`}</Empty>
    );
  return (
    <>
      <div className="card-head">
        <NativeSelect
          label={`Compare revision ${flow.revision} with`}
          value={String(chosen.revision)}
          data={older.map(each => ({ value: String(each.revision), label: labelOf(each) }))}
          onChange={event =>
            void navigate({ search: { revision: event.currentTarget.value }, resetScroll: false })
          }
        />
        <Restore flow={flow} to={chosen} />
      </div>
      <Suspense fallback={<Loading />}>
        <Difference key={chosen.revision} before={chosen.source} after={flow.source} />
      </Suspense>
    </>
  );
}

const labelOf = ({ revision, updated }: Revision): string =>
  updated ? `${revision} · ${momentText(new Date(updated))}` : String(revision);

/** The old text becomes the newest revision, so that this can be undone, too. */
function Restore({ flow, to }: { flow: FlowWithSource; to: Revision }) {
  const { busy, error, run } = useAct();
  const confirmed = useConfirm();
  const queries = useQueryClient();
  const { namespace, id, revision } = flow;
  const restore = async () => {
    const question = {
      title: `Restore revision ${to.revision}?`,
      text: `Its text becomes revision ${revision + 1}. Revision ${revision} stays in this list.`,
    };
    if (!(await confirmed(question))) return;
    const headers = { ...YAML, "If-Match": String(revision) };
    await api(`flows/${path(namespace, id)}`, { method: "PUT", body: to.source, headers });
    say(`Revision ${to.revision} is restored.`);
    await queries.invalidateQueries({ queryKey: ["flow", namespace, id] });
  };
  return (
    <div className="row">
      <Problem error={error} />
      <Button variant="default" loading={busy} onClick={() => void run(restore)}>
        Restore
      </Button>
    </div>
  );
}
