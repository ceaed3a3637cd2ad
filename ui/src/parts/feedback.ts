// Shows success or failure beside the control that started the action.

import { isAbort } from "../api/client.ts";
import { h, one } from "./dom.ts";

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

export const problem = (error: unknown): HTMLElement =>
  h("p", { class: "problem", role: "alert" }, messageOf(error));

/** Announces a text to screen readers. */
export function say(text: string): void {
  one("#said", HTMLElement).textContent = text;
}

/** Disables the button while `work` runs, and shows errors in `place`. */
export async function press(
  button: HTMLButtonElement,
  place: HTMLElement,
  work: () => Promise<void>,
): Promise<void> {
  button.disabled = true;
  place.replaceChildren();
  try {
    await work();
  } catch (error) {
    if (!isAbort(error)) place.replaceChildren(problem(error));
  } finally {
    button.disabled = false;
  }
}
