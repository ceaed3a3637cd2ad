// What went wrong, or well, told where it was asked for.

import { isAbort } from "../api/client.ts";
import { h, one } from "./dom.ts";

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

export const problem = (error: unknown): HTMLElement =>
  h("p", { class: "problem", role: "alert" }, messageOf(error));

/** To those who listen to the page. */
export function say(text: string): void {
  one("#said", HTMLElement).textContent = text;
}

/** While `work` goes on the button is off; what goes wrong stands in `place`. */
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
