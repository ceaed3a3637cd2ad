// Shows the inputs, outputs and other facts of an execution.

import type { Execution } from "../api/types.ts";
import { become, h } from "./dom.ts";

export function showFacts(list: HTMLElement, execution: Execution): void {
  const rows = facts(execution);
  become(list, JSON.stringify(rows), () => {
    const nodes = document.createDocumentFragment();
    for (const [name, text] of rows) nodes.append(h("dt", {}, name), h("dd", { class: "mono" }, text));
    return nodes;
  });
}

function facts({ inputs, outputs, labels, trigger, parentId }: Execution): [string, string][] {
  const all: [string, string | undefined][] = [
    ["Inputs", inputs && JSON.stringify(inputs, null, 2)],
    ["Outputs", outputs && JSON.stringify(outputs, null, 2)],
    ["Labels", labels?.map(label => `${label.key}: ${label.value}`).join("\n")],
    ["Trigger", trigger?.id],
    ["Parent", parentId],
  ];
  return all.flatMap(([name, text]) => (text ? [[name, text]] : []));
}
