// The text of a flow in an editor. It is large: load it with its page.

import { EditorView } from "@codemirror/view";
import { type CSSProperties, type Ref, useEffect, useImperativeHandle, useRef } from "react";
import { settings } from "../../model/settings.ts";
import { extensions, type Listener, positionOf } from "./extensions.ts";
import "./editor.css";

export interface EditorHandle {
  text(): string;
  /** Puts the cursor at a place that counts from 1, and shows it. */
  show(line: number, column: number): void;
}

interface SourceEditorProps extends Listener {
  handle: Ref<EditorHandle>;
  first: string;
}

export default function SourceEditor({ handle, first, changed, checked, save }: SourceEditorProps) {
  const place = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView>(null);
  // The editor is made once, and hears the present listener.
  const listener = useRef<Listener>({ changed, checked, save });
  useEffect(() => {
    listener.current = { changed, checked, save };
  });
  useImperativeHandle(handle, () => ({
    text: () => view.current?.state.doc.toString() ?? first,
    show: (line, column) => {
      if (view.current) show(view.current, line, column);
    },
  }));
  useEffect(() => {
    const life = new AbortController();
    const present: Listener = {
      changed: text => listener.current.changed(text),
      checked: found => listener.current.checked(found),
      save: () => listener.current.save(),
    };
    const made = new EditorView({
      doc: first,
      extensions: extensions(life.signal, present),
      ...(place.current ? { parent: place.current } : {}),
    });
    view.current = made;
    made.focus();
    return () => {
      life.abort();
      made.destroy();
      view.current = null;
    };
  }, [first]);
  const size = { "--editor-size": `${settings.now().fontSize / 16}rem` } as CSSProperties;
  return <div className="editor" ref={place} style={size} />;
}

function show(view: EditorView, line: number, column: number): void {
  const at = positionOf(view.state.doc, line, column);
  view.dispatch({
    selection: { anchor: at },
    effects: EditorView.scrollIntoView(at, { y: "center" }),
  });
  view.focus();
}
