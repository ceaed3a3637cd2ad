// Building blocks of every page. Text only ever becomes text nodes: what flows and logs say is never markup.

export function h(tag, attributes, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (value === true) node.setAttribute(name, "");
    else if (value !== false && value != null) node.setAttribute(name, value);
  }
  node.append(...children.flat().filter(child => child != null));
  return node;
}

export const at = (...segments) => "/ui/main/" + segments.map(encodeURIComponent).join("/");
export const flowLink = (namespace, id, text) => h("a", { href: at("flows", "edit", namespace, id) }, text);
export const executionLink = (e, text) => h("a", { href: at("executions", e.namespace, e.flowId, e.id) }, text);

const TONES = {
  SUCCESS: "good", WARNING: "warn", FAILED: "bad", KILLED: "bad", CANCELLED: "warn", RETRIED: "warn", SKIPPED: "idle",
  CREATED: "idle", SUBMITTED: "idle", QUEUED: "idle", PAUSED: "warn",
  ERROR: "bad", WARN: "warn", INFO: "busy", DEBUG: "idle", TRACE: "idle",
};
export const STATES = ["CREATED", "QUEUED", "RUNNING", "PAUSED", "RETRYING", "RESTARTED", "KILLING",
  "SUCCESS", "WARNING", "FAILED", "KILLED", "CANCELLED"];
export const ENDED = new Set(["SUCCESS", "WARNING", "FAILED", "KILLED", "CANCELLED", "RETRIED", "SKIPPED"]);
export const tone = name => TONES[name] ?? "busy";
export const state = (name, badge = false) => h("span", { class: `state ${tone(name)}${badge ? " badge" : ""}` }, name);

export function when(text) {
  const moment = new Date(text);
  const today = moment.toDateString() === new Date().toDateString();
  return h("time", { datetime: text, title: moment.toLocaleString() }, today ? moment.toLocaleTimeString() : moment.toLocaleString());
}

export function lasted(ms) {
  if (ms < 1000) return `${Math.max(0, Math.round(ms))} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.floor(ms / 1000), pair = value => String(value).padStart(2, "0");
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${pair(seconds % 60)} s`;
  return `${Math.floor(seconds / 3600)} h ${pair(Math.floor(seconds / 60) % 60)} min`;
}
export const span = of => (of.endDate ? Date.parse(of.endDate) : Date.now()) - Date.parse(of.startDate);

export const problem = error => h("p", { class: "problem", role: "alert" }, error.message);

export function table(name, head, body, kind = "") {
  const columns = head.map(text => h("th", { scope: "col" }, text));
  return h("div", { class: "scroll" }, h("table", { "aria-label": name, class: kind }, h("thead", {}, h("tr", {}, columns)), body));
}

// Rows by key: what stays is kept as it is, with its focus, its selection and what was unfolded in it.
export function keyed(body, make) {
  const known = new Map();
  return items => {
    const left = new Map(known);
    let place = body.firstChild;
    for (const [key, item] of items) {
      let row = known.get(key);
      if (!row) known.set(key, row = make());
      left.delete(key);
      row.update(item);
      if (row.node === place) place = place.nextSibling;
      else body.insertBefore(row.node, place);
    }
    for (const [key, row] of left) { row.node.remove(); known.delete(key); }
  };
}

// Replaces the content only if it is another text: a node that stays can be selected and read aloud once.
export function become(node, text, make = () => text) {
  if (node.dataset.shown === text) return;
  node.dataset.shown = text;
  node.replaceChildren(make());
}

export function say(text) { document.getElementById("said").textContent = text; }

// While `work` goes on the button is off; what goes wrong stands in `place`.
export async function press(button, place, work) {
  button.disabled = true;
  place.replaceChildren();
  try { await work(); }
  catch (error) { if (error.name !== "AbortError") place.replaceChildren(problem(error)); }
  finally { button.disabled = false; }
}
