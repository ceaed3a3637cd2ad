// Which page the address names, and who is signed in.

import { ApiError, signIn, signOut } from "./api.js";
import { h, press, problem } from "./dom.js";
import { execution } from "./execution.js";
import { executions } from "./executions.js";
import { flow, flows } from "./flows.js";

const main = document.querySelector("main"), nav = document.querySelector("nav"), leave = document.getElementById("sign-out");
let turn = new AbortController(), opened = "";

function page(place) {
  const [kind, ...rest] = location.pathname.replace(/^\/ui\/?(main\/)?/, "").split("/").filter(Boolean).map(decodeURIComponent);
  if (kind === "executions") return rest.length >= 3 ? execution(place, ...rest) : executions(place);
  if (kind === "flows" && rest[0] === "edit" && rest.length >= 3) return flow(place, rest[1], rest[2]);
  if (kind === undefined || kind === "flows" || kind === "login") return flows(place);
  throw new ApiError(404, "");
}

async function open() {
  opened = location.pathname + location.search;
  turn.abort();
  const own = turn = new AbortController();
  const executed = location.pathname.startsWith("/ui/main/executions");
  for (const a of nav.children) a.pathname.endsWith("executions") === executed ? a.setAttribute("aria-current", "page") : a.removeAttribute("aria-current");
  const place = {
    signal: own.signal,
    go,
    show(title, ...nodes) {
      if (own.signal.aborted) return;
      nav.hidden = leave.hidden = false;
      document.title = `${title} · Toccata`;
      main.replaceChildren(...nodes.filter(node => node != null));
      main.focus({ preventScroll: true });
    },
    failed(error) {
      if (own.signal.aborted || error.name === "AbortError") return;
      if (error.status === 401) return askWho();
      const gone = error.status === 404;
      place.show(gone ? "Not found" : "Error", h("h1", {}, gone ? "Not found" : "That did not work"),
        problem(gone ? new ApiError(404, "What this address names does not exist, or no longer.") : error),
        h("p", {}, h("button", { class: "quiet", type: "button", onclick: open }, "Try again")));
    },
  };
  try { await page(place); } catch (error) { place.failed(error); }
}

function go(address) {
  if (address !== location.pathname + location.search) history.pushState({}, "", address);
  scrollTo(0, 0);
  open();
}

function askWho() {
  turn.abort();
  nav.hidden = leave.hidden = true;
  document.title = "Sign in · Toccata";
  const wrong = h("div"), button = h("button", {}, "Sign in");
  const name = h("input", { id: "username", type: "email", autocomplete: "username", required: true });
  const word = h("input", { id: "password", type: "password", autocomplete: "current-password", required: true });
  const form = h("form", { class: "fields", onsubmit: event => {
    event.preventDefault();
    press(button, wrong, async () => {
      try { await signIn(name.value, word.value); }
      catch (error) {
        word.select();
        throw error.status === 401 ? new ApiError(401, "Wrong e-mail or password.") : error;
      }
      location.pathname.startsWith("/ui/login") ? go("/ui/main/flows") : open();
    });
  } },
    h("div", { class: "field" }, h("label", { for: "username" }, "E-mail"), name),
    h("div", { class: "field" }, h("label", { for: "password" }, "Password"), word), wrong, button);
  main.replaceChildren(h("section", { class: "card narrow" }, h("h1", {}, "Sign in"), form));
  name.focus();
}

leave.addEventListener("click", () => press(leave, h("div"), signOut).then(askWho));
addEventListener("popstate", () => { if (location.pathname + location.search !== opened) open(); });
addEventListener("click", event => {
  const a = event.target.closest?.("a[href^='/ui/']");
  if (!a || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  go(a.pathname + a.search);
});
open();
