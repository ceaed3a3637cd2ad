// Descriptions are Markdown. A library parses it, and this module builds nodes, so the text never becomes markup of the page.

import { Lexer, type Token, type Tokens } from "marked";
import { type Child, h } from "./dom.ts";

const LINKED = /^(https?:|mailto:)/i;
/** Tokens whose content is on separate lines or in separate cells. */
const APART: ReadonlySet<string> = new Set(["list", "list_item", "blockquote", "table"]);
const OPTIONS = { gfm: true };

export function markdown(text: string): HTMLElement {
  return h("div", { class: "markdown" }, Lexer.lex(text, OPTIONS).map(block));
}

/** One line of a longer text, such as the hint beside a field. */
export const inlineMarkdown = (text: string): Child[] => Lexer.lexInline(text, OPTIONS).map(inline);

/** Only its words, on one line. */
export function plainText(text: string): string {
  return Lexer.lex(text, OPTIONS).map(words).filter(Boolean).join(" ").replaceAll(/\s+/g, " ").trim();
}

function words(token: Token): string {
  const inner = childrenOf(token);
  if (inner.length) return inner.map(words).join(APART.has(token.type) ? " " : "");
  if (token.type === "hr" || token.type === "def") return "";
  if (token.type === "br" || token.type === "space") return " ";
  if (token.type === "html") return token.raw;
  return "text" in token ? unescaped(token.text as string) : token.raw;
}

function childrenOf(token: Token): Token[] {
  if (token.type === "list") return (token as Tokens.List).items;
  if (token.type === "table") {
    const { header, rows } = token as Tokens.Table;
    return [header, ...rows].flat().map(cell => ({ type: "cell", raw: cell.text, tokens: cell.tokens }));
  }
  return ("tokens" in token ? token.tokens : undefined) ?? [];
}

function block(token: Token): Child {
  switch (token.type) {
    case "space":
    case "def":
      return null;
    case "heading":
      // These headings are below those of the page itself.
      return h("p", { class: "heading", role: "heading", "aria-level": 3 }, children(token));
    case "paragraph":
      return h("p", {}, children(token));
    case "code":
      return h("pre", {}, (token as Tokens.Code).text);
    case "blockquote":
      return h("blockquote", {}, childrenOf(token).map(block));
    case "list":
      return list(token as Tokens.List);
    case "table":
      return grid(token as Tokens.Table);
    case "hr":
      return h("hr");
    case "text":
      return childrenOf(token).length ? children(token) : inline(token);
    default:
      return h("p", {}, token.raw.trim());
  }
}

function list({ ordered, items }: Tokens.List): HTMLElement {
  return h(
    ordered ? "ol" : "ul",
    {},
    items.map(item => h("li", {}, item.tokens.map(block))),
  );
}

function grid({ header, rows }: Tokens.Table): HTMLElement {
  const line = (tag: "th" | "td", cells: Tokens.TableCell[]) =>
    h(
      "tr",
      {},
      cells.map(cell => h(tag, {}, cell.tokens.map(inline))),
    );
  return h(
    "div",
    { class: "scroll" },
    h(
      "table",
      {},
      line("th", header),
      rows.map(row => line("td", row)),
    ),
  );
}

const children = (token: Token): Child[] => childrenOf(token).map(inline);

function inline(token: Token): Child {
  switch (token.type) {
    case "strong":
    case "em":
    case "del":
      return h(token.type, {}, children(token));
    case "codespan":
      return h("code", {}, (token as Tokens.Codespan).text);
    case "br":
      return h("br");
    case "link":
      return link(token as Tokens.Link);
    case "image":
      return link({ ...(token as Tokens.Image), tokens: [] });
    case "html":
      return token.raw;
    default:
      return childrenOf(token).length ? children(token) : unescaped((token as Tokens.Text).text ?? token.raw);
  }
}

/** A link to another site, only to addresses that cannot run code. A picture becomes a link, so that nothing is fetched unasked. */
function link({ href, text, tokens }: { href: string; text: string; tokens: Token[] }): Child {
  const shown: Child = tokens.length ? tokens.map(inline) : text || href;
  if (!LINKED.test(href)) return shown;
  return h("a", { href, target: "_blank", rel: "noopener noreferrer" }, shown);
}

/** Decodes HTML entities, which the library leaves as they are. */
function unescaped(text: string): string {
  return text
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&quot;", '"')
    .replaceAll("&#39;", "'")
    .replaceAll("&amp;", "&");
}
