// A flow at a glance: what it says of itself, the form that starts it, its last executions, its source.

import { useNavigate } from "@tanstack/react-router";
import { api, path } from "../api/client.ts";
import type { Execution, FlowWithSource } from "../api/types.ts";
import { ExecuteMore } from "../parts/execute-more.tsx";
import { Inputs } from "../parts/input-form.tsx";
import { Markdown } from "../parts/markdown.tsx";
import { Card } from "../parts/page.tsx";
import { Slots } from "../parts/slots.tsx";
import { FlowExecutions } from "./flow-executions.tsx";

export function FlowOverview({ flow }: { flow: FlowWithSource }) {
  return (
    <>
      {flow.description ? <Markdown text={flow.description} /> : null}
      <div className="columns">
        <Card title="Execute">
          <ExecuteForm flow={flow} />
        </Card>
        <div>
          <FlowExecutions flow={flow} title="Executions" />
          <Card title="Source">
            {/* biome-ignore lint/a11y/useSemanticElements: only this element keeps the lines as they are */}
            <pre
              className="source"
              role="region"
              aria-label="Source"
              // biome-ignore lint/a11y/noNoninteractiveTabindex: who uses the keyboard scrolls it, too
              tabIndex={0}
            >
              {flow.source}
            </pre>
          </Card>
        </div>
      </div>
    </>
  );
}

function ExecuteForm({ flow }: { flow: FlowWithSource }) {
  const { namespace, id, revision, disabled = false } = flow;
  const navigate = useNavigate();
  const target = `executions/${path(namespace, id)}`;
  const start = async (body: FormData | undefined) => {
    const begun = await api<Execution>(target, { method: "POST", body: body ?? null });
    await navigate({
      to: "/main/executions/$namespace/$flowId/$id/{-$tab}",
      params: { namespace, flowId: id, id: begun.id, tab: undefined },
    });
  };
  return (
    <Inputs
      // Another revision may ask for other things.
      key={path(namespace, id, String(revision))}
      target={target}
      declared={flow.inputs ?? []}
      nothing="This flow takes no inputs."
      act="Execute"
      disabled={disabled}
      note={disabled ? <p className="note">This flow is disabled.</p> : <Slots flow={flow} />}
      more={form => <ExecuteMore form={form} namespace={namespace} id={id} />}
      send={start}
    />
  );
}
