// Building blocks of every page. Text always becomes text nodes, so text of flows and logs is never markup.

export type Child = Node | string | null | undefined | readonly Child[];
type Value = string | number | boolean | null | undefined;
type Listener = (event: Event) => void;
export type Attributes = Record<string, Value | Listener>;

export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") node.addEventListener(name.slice(2), value);
    else if (value === true) node.setAttribute(name, "");
    else if (value !== false && value != null) node.setAttribute(name, String(value));
  }
  node.append(...flat(children));
  return node;
}

function flat(children: readonly Child[]): (Node | string)[] {
  return children.flatMap(child => {
    if (child == null) return [];
    return child instanceof Node || typeof child === "string" ? [child] : flat(child);
  });
}

/** Replaces the content only if the text differs. A node that stays keeps its selection and is read aloud only once. */
export function become(node: HTMLElement, text: string, make: () => Node | string = () => text): void {
  if (node.dataset["shown"] === text) return;
  node.dataset["shown"] = text;
  node.replaceChildren(make());
}

export interface Row<T> {
  node: HTMLElement;
  update(item: T): void;
}

/** Updates rows by key. Rows that stay keep their focus, their selection and their unfolded parts. */
export function keyed<T>(
  body: HTMLElement,
  make: () => Row<T>,
): (items: readonly (readonly [string, T])[]) => void {
  const known = new Map<string, Row<T>>();
  return items => {
    const left = new Map(known);
    let place = body.firstChild;
    for (const [key, item] of items) {
      const row = known.get(key) ?? make();
      known.set(key, row);
      left.delete(key);
      row.update(item);
      if (row.node === place) place = place.nextSibling;
      else body.insertBefore(row.node, place);
    }
    for (const [key, row] of left) {
      row.node.remove();
      known.delete(key);
    }
  };
}

// On a narrow screen each row is a card, and browsers no longer see a table. So the roles are explicit.
export function table(name: string, head: readonly string[], body: HTMLElement, kind = ""): HTMLElement {
  const columns = head.map(text => h("th", { scope: "col", role: "columnheader" }, text));
  const first = h("thead", { role: "rowgroup" }, h("tr", { role: "row" }, columns));
  body.setAttribute("role", "rowgroup");
  const found = h("table", { "aria-label": name, class: `cards ${kind}`, role: "table" }, first, body);
  return h("div", { class: "scroll" }, found);
}

export const tableRow = (...cells: Child[]): HTMLElement => h("tr", { role: "row" }, cells);

/** `label` is the column's heading. On a card, a cell of class `status` is beside the name. */
export const cell = (label: string, kind = "", ...content: Child[]): HTMLElement =>
  h("td", { class: kind, role: "cell", "data-label": label }, content);

/** An element that the page must have. If it is missing, HTML and code do not belong together. */
export function one<E extends Element>(selector: string, kind: new () => E): E {
  const found = document.querySelector(selector);
  if (!(found instanceof kind)) throw new Error(`The page has no ${selector}.`);
  return found;
}
