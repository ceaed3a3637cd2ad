// The inputs, outputs and other facts of an execution.

import { Fragment } from "react";
import type { Execution } from "../api/types.ts";

export function Facts({ execution }: { execution: Execution }) {
  const { inputs, outputs, labels, trigger, parentId } = execution;
  const all: [string, string | undefined][] = [
    ["Inputs", inputs && JSON.stringify(inputs, null, 2)],
    ["Outputs", outputs && JSON.stringify(outputs, null, 2)],
    ["Labels", labels?.map(label => `${label.key}: ${label.value}`).join("\n")],
    ["Trigger", trigger?.id],
    ["Parent", parentId],
  ];
  const told = all.filter(([, text]) => text);
  if (!told.length) return <p className="note">It has no inputs, outputs or labels.</p>;
  return (
    <dl>
      {told.map(([name, text]) => (
        <Fragment key={name}>
          <dt>{name}</dt>
          <dd className="mono">{text}</dd>
        </Fragment>
      ))}
    </dl>
  );
}
