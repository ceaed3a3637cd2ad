// What the editor of a flow can do: completions, explanations and faults that the server knows.

import {
  autocompletion,
  type Completion,
  type CompletionContext,
  closeBrackets,
} from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { yaml } from "@codemirror/lang-yaml";
import { foldGutter, HighlightStyle, indentUnit, syntaxHighlighting } from "@codemirror/language";
import { type Diagnostic, linter, lintGutter, lintKeymap } from "@codemirror/lint";
import { highlightSelectionMatches, searchKeymap } from "@codemirror/search";
import { EditorState, type Extension, type Text } from "@codemirror/state";
import {
  drawSelection,
  EditorView,
  highlightActiveLine,
  hoverTooltip,
  keymap,
  lineNumbers,
  type Tooltip,
} from "@codemirror/view";
import { tags } from "@lezer/highlight";
import { isAbort, post } from "../../api/client.ts";
import type { Assist, Finding, Offer } from "../../api/types.ts";
import { columnOf, offsetOf } from "../../model/column.ts";
import { rendered } from "./rendered.tsx";

const PAUSE = 350;
const KINDS: Readonly<Record<string, string>> = {
  key: "property",
  type: "class",
  value: "constant",
  id: "variable",
  field: "property",
  filter: "function",
  test: "function",
};
const COLOURS = HighlightStyle.define([
  { tag: tags.definition(tags.propertyName), color: "var(--busy)" },
  { tag: [tags.string, tags.content], color: "var(--ink)" },
  { tag: tags.comment, color: "var(--soft)", fontStyle: "italic" },
  { tag: [tags.number, tags.bool, tags.null, tags.keyword], color: "var(--warn)" },
  { tag: [tags.typeName, tags.labelName, tags.meta], color: "var(--accent)" },
]);

export interface Listener {
  changed(text: string): void;
  /** Called with all that is wrong, or with the reason why nobody knows. */
  checked(found: readonly Finding[] | Error): void;
  save(): void;
}

/** What a text of a flow looks like, also where it is only read. */
export function reading(name: string): Extension {
  const nonce = document.querySelector<HTMLMetaElement>("meta[property=csp-nonce]")?.nonce ?? "";
  return [
    EditorView.cspNonce.of(nonce),
    EditorView.contentAttributes.of({ "aria-label": name, tabindex: "0" }),
    [lineNumbers(), yaml(), syntaxHighlighting(COLOURS)],
  ];
}

export function extensions(signal: AbortSignal, listener: Listener): Extension {
  const save = () => {
    listener.save();
    return true;
  };
  return [
    reading("Flow code"),
    EditorView.updateListener.of(update => {
      if (update.docChanged) listener.changed(update.state.doc.toString());
    }),
    EditorState.tabSize.of(2),
    indentUnit.of("  "),
    [foldGutter(), lintGutter(), history(), drawSelection(), closeBrackets()],
    [highlightActiveLine(), highlightSelectionMatches()],
    autocompletion({ override: [context => offered(context, signal)] }),
    linter(view => checked(view, signal, listener), { delay: PAUSE }),
    hoverTooltip((view, at) => explained(view.state.doc, at, signal), { hoverTime: PAUSE }),
    keymap.of([
      { key: "Mod-s", run: save },
      ...[...searchKeymap, ...historyKeymap, ...lintKeymap, ...defaultKeymap],
      indentWithTab,
    ]),
  ];
}

function ask(text: Text, at: number | null, signal: AbortSignal): Promise<Assist> {
  const source = text.toString();
  if (at === null) return post<Assist>("flows/assist", { source }, signal);
  const line = text.lineAt(at);
  const column = columnOf(line.text, at - line.from);
  return post<Assist>("flows/assist", { source, line: line.number, column }, signal);
}

async function checked(view: EditorView, signal: AbortSignal, listener: Listener): Promise<Diagnostic[]> {
  const text = view.state.doc;
  try {
    const { diagnostics } = await ask(text, null, signal);
    if (view.state.doc.eq(text)) listener.checked(diagnostics);
    return diagnostics.map(each => ({
      ...spanOf(text, each),
      severity: each.severity,
      message: each.message,
    }));
  } catch (error) {
    if (!isAbort(error)) listener.checked(error instanceof Error ? error : new Error(String(error)));
    return [];
  }
}

function spanOf(text: Text, { line, column, endColumn }: Finding): { from: number; to: number } {
  const from = positionOf(text, line, column);
  return { from, to: Math.max(from, positionOf(text, line, endColumn)) };
}

export function positionOf(text: Text, line: number, column: number): number {
  const found = text.line(Math.min(Math.max(line, 1), text.lines));
  return found.from + offsetOf(found.text, column);
}

async function offered(context: CompletionContext, signal: AbortSignal) {
  const asked = new AbortController();
  context.addEventListener("abort", () => asked.abort());
  let found: Assist;
  try {
    found = await ask(context.state.doc, context.pos, AbortSignal.any([signal, asked.signal]));
  } catch {
    return null; // the check of the text says that the server cannot be asked
  }
  if (!found.completions.length) return null;
  const line = context.state.doc.lineAt(context.pos);
  const options = found.completions.map(each => optionOf(each, line.from + offsetOf(line.text, each.column)));
  return { from: Math.min(...options.map(each => each.from)), options, filter: false };
}

function optionOf(offer: Offer, from: number): Completion & { from: number } {
  return {
    from,
    label: offer.label,
    detail: offer.deprecated ? "deprecated" : offer.detail,
    type: KINDS[offer.kind] ?? offer.kind,
    apply(view, _, __, to) {
      const changes = { from, to, insert: offer.insert };
      view.dispatch({
        changes,
        selection: { anchor: from + offer.insert.length },
        userEvent: "input.complete",
      });
    },
    ...(offer.documentation ? { info: () => rendered(offer.documentation) } : {}),
  };
}

async function explained(text: Text, at: number, signal: AbortSignal): Promise<Tooltip | null> {
  const found = await ask(text, at, signal).catch(() => null);
  if (!found?.hover) return null;
  return { pos: at, above: true, create: () => rendered(found.hover) };
}
