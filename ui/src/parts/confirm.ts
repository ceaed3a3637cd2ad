// Asks before an action that cannot be undone.

import { h } from "./dom.ts";

export interface Question {
  title: string;
  text: string;
  /** The text on the button that confirms. */
  yes: string;
  /** True if the action destroys something. */
  danger?: boolean;
}

/** Escape means no, like everything except the button `yes`. */
export function confirmed({ title, text, yes, danger = false }: Question): Promise<boolean> {
  const no = h("button", { class: "quiet", type: "submit", value: "no", autofocus: true }, "Cancel");
  const go = h("button", { class: danger ? "danger" : "", type: "submit", value: "yes" }, yes);
  const form = h(
    "form",
    { method: "dialog" },
    h("h2", { id: "question" }, title),
    h("p", { id: "question-text" }, text),
    h("div", { class: "row answers" }, no, go),
  );
  const labels = { "aria-labelledby": "question", "aria-describedby": "question-text" };
  const dialog = h("dialog", labels, form);
  document.body.append(dialog);
  dialog.showModal();
  return new Promise(done => {
    dialog.addEventListener("close", () => {
      dialog.remove();
      done(dialog.returnValue === "yes");
    });
  });
}
