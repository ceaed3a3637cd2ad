// Asks for the sign-in.

import { ApiError, signIn, statusOf } from "../api/client.ts";
import { h } from "../parts/dom.ts";
import { press } from "../parts/feedback.ts";

export interface SignInForm {
  node: HTMLElement;
  focus(): void;
}

export function signInForm(done: () => void): SignInForm {
  const wrong = h("div");
  const button = h("button", {}, "Sign in");
  const name = h("input", { id: "username", type: "email", autocomplete: "username", required: true });
  const word = h("input", {
    id: "password",
    type: "password",
    autocomplete: "current-password",
    required: true,
  });
  const enter = async () => {
    try {
      await signIn(name.value, word.value);
    } catch (error) {
      word.select();
      throw statusOf(error) === 401 ? new ApiError(401, "Wrong e-mail or password.") : error;
    }
    done();
  };
  const submit = (event: Event) => {
    event.preventDefault();
    void press(button, wrong, enter);
  };
  const form = h(
    "form",
    { class: "fields", onsubmit: submit },
    h("div", { class: "field" }, h("label", { for: "username" }, "E-mail"), name),
    h("div", { class: "field" }, h("label", { for: "password" }, "Password"), word),
    wrong,
    button,
  );
  const node = h("section", { class: "card narrow" }, h("h1", {}, "Sign in"), form);
  return { node, focus: () => name.focus() };
}
