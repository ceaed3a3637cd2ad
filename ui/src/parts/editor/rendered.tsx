// Markdown in a node of its own, for the editor, which knows nothing of the page around it.

import { createRoot } from "react-dom/client";
import { Markdown } from "../markdown.tsx";

export function rendered(text: string): { dom: HTMLElement; destroy: () => void } {
  const dom = document.createElement("div");
  const root = createRoot(dom);
  root.render(<Markdown text={text} />);
  return { dom, destroy: () => queueMicrotask(() => root.unmount()) };
}
