// Two texts of a flow as one, with what changed between them. It is large: load it where it is shown.

import { unifiedMergeView } from "@codemirror/merge";
import { EditorState } from "@codemirror/state";
import { EditorView } from "@codemirror/view";
import { useEffect, useRef } from "react";
import { reading } from "./extensions.ts";
import "./editor.css";

export default function Difference({ before, after }: { before: string; after: string }) {
  const place = useRef<HTMLElement>(null);
  useEffect(() => {
    const view = new EditorView({
      doc: after,
      extensions: [
        reading("Difference"),
        EditorState.readOnly.of(true),
        EditorView.editable.of(false),
        unifiedMergeView({ original: before, mergeControls: false, collapseUnchanged: { margin: 4 } }),
      ],
      ...(place.current ? { parent: place.current } : {}),
    });
    return () => view.destroy();
  }, [before, after]);
  return <section className="editor" ref={place} aria-label="Difference" />;
}
