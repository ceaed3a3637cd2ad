// Opens the page that the address names, after the sign-in.

import { ApiError, isAbort, signOut, statusOf } from "./api/client.ts";
import { executionPage } from "./pages/execution.ts";
import { executionsPage } from "./pages/executions.ts";
import { flowPage } from "./pages/flow.ts";
import { flowEditorPage, newFlowPage } from "./pages/flow-editor.ts";
import { flowsPage } from "./pages/flows.ts";
import { logsPage } from "./pages/logs.ts";
import type { PagePlace } from "./pages/page.ts";
import { routeOf } from "./pages/route.ts";
import { signInForm } from "./pages/sign-in.ts";
import { triggersPage } from "./pages/triggers.ts";
import { h, one } from "./parts/dom.ts";
import { press, problem } from "./parts/feedback.ts";
import { zoneText } from "./parts/time.ts";

const main = one("main", HTMLElement);
const nav = one("nav", HTMLElement);
const leave = one("#sign-out", HTMLButtonElement);
const foot = one("footer", HTMLElement);
let turn = new AbortController();
let opened = "";
const always = async () => true;
let mayLeave: () => Promise<boolean> = always;

async function open(): Promise<void> {
  opened = location.pathname + location.search;
  mayLeave = always;
  turn.abort();
  turn = new AbortController();
  markCurrent();
  const place = placeOf(turn.signal);
  try {
    await show(place);
  } catch (error) {
    place.failed(error);
  }
}

async function show(place: PagePlace): Promise<void> {
  const route = routeOf(location.pathname);
  switch (route.page) {
    case "flows":
      return flowsPage(place);
    case "flow":
      return flowPage(place, route.namespace, route.id);
    case "new-flow":
      return newFlowPage(place);
    case "flow-editor":
      return flowEditorPage(place, route.namespace, route.id);
    case "executions":
      return executionsPage(place);
    case "triggers":
      return triggersPage(place);
    case "logs":
      return logsPage(place);
    case "execution":
      return executionPage(place, route.id);
    case "none":
      throw new ApiError(404, "");
  }
}

function placeOf(signal: AbortSignal): PagePlace {
  const place: PagePlace = {
    signal,
    go,
    guard(ask) {
      if (!signal.aborted) mayLeave = ask;
    },
    show(title, ...nodes) {
      if (signal.aborted) return;
      nav.hidden = leave.hidden = foot.hidden = false;
      document.title = `${title} · Toccata`;
      main.replaceChildren(...nodes.filter(node => node !== null));
      main.focus({ preventScroll: true });
    },
    failed(error) {
      if (signal.aborted || isAbort(error)) return;
      if (statusOf(error) === 401) askWho();
      else showFailure(place, error);
    },
  };
  return place;
}

function showFailure(place: PagePlace, error: unknown): void {
  const gone = statusOf(error) === 404;
  const told = gone ? new ApiError(404, "Nothing exists at this address, or it was deleted.") : error;
  const again = h("button", { class: "quiet", type: "button", onclick: () => void open() }, "Try again");
  place.show(
    gone ? "Not found" : "Error",
    h("h1", {}, gone ? "Not found" : "That did not work"),
    problem(told),
    h("p", {}, again),
  );
}

function markCurrent(): void {
  const { page } = routeOf(location.pathname);
  const current = page.startsWith("execution") ? "executions" : page.includes("flow") ? "flows" : page;
  for (const a of nav.querySelectorAll("a")) {
    if (a.pathname.endsWith(`/${current}`)) a.setAttribute("aria-current", "page");
    else a.removeAttribute("aria-current");
  }
}

function go(address: string): void {
  void mayLeave().then(may => {
    if (may) leaveFor(address);
  });
}

function leaveFor(address: string): void {
  if (address !== location.pathname + location.search) history.pushState({}, "", address);
  scrollTo(0, 0);
  void open();
}

/** The browser has changed the address already. Who stays gets it back. */
async function back(): Promise<void> {
  const before = opened;
  if (location.pathname + location.search === before) return;
  if (await mayLeave()) await open();
  else history.pushState({}, "", before);
}

function askWho(): void {
  turn.abort();
  nav.hidden = leave.hidden = foot.hidden = true;
  document.title = "Sign in · Toccata";
  const form = signInForm(() => {
    if (location.pathname.startsWith("/ui/login")) go("/ui/main/flows");
    else void open();
  });
  main.replaceChildren(form.node);
  form.focus();
}

foot.append(
  `Times are in ${zoneText(new Date())}.`,
  h("a", { href: "/docs/" }, "Documentation"),
  h("a", { href: "/api/v1/docs" }, "API"),
);
leave.addEventListener("click", () => void press(leave, h("div"), signOut).then(askWho));
addEventListener("popstate", () => void back());
addEventListener("click", event => {
  const a =
    event.target instanceof Element ? event.target.closest<HTMLAnchorElement>("a[href^='/ui/']") : null;
  if (!a || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  go(a.pathname + a.search);
});
void open();
