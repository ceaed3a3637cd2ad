// Works out where the nodes of a graph stand, away from the page, because a large graph takes a while.

import ELK, { type ElkNode } from "elkjs/lib/elk.bundled.js";

const elk = new ELK();

addEventListener("message", (event: MessageEvent<{ number: number; graph: ElkNode }>) => {
  const { number, graph } = event.data;
  elk.layout(graph).then(
    placed => postMessage({ number, placed }),
    (error: unknown) => postMessage({ number, error: String(error) }),
  );
});
