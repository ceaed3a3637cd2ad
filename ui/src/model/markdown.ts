// Descriptions are Markdown. A library parses it; what it means in words is here, how it looks in `parts/markdown.tsx`.

import { Lexer, type Token, type Tokens } from "marked";

/** Tokens whose content is on separate lines or in separate cells. */
const APART: ReadonlySet<string> = new Set(["list", "list_item", "blockquote", "table"]);
const OPTIONS = { gfm: true };

export const blocksOf = (text: string): Token[] => Lexer.lex(text, OPTIONS);

/** One line of a longer text, such as the hint beside a field. */
export const inlinesOf = (text: string): Token[] => Lexer.lexInline(text, OPTIONS);

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

export function childrenOf(token: Token): Token[] {
  if (token.type === "list") return (token as Tokens.List).items;
  if (token.type === "table") {
    const { header, rows } = token as Tokens.Table;
    return [header, ...rows].flat().map(cell => ({ type: "cell", raw: cell.text, tokens: cell.tokens }));
  }
  return ("tokens" in token ? token.tokens : undefined) ?? [];
}

/** Decodes HTML entities, which the library leaves as they are. */
export function unescaped(text: string): string {
  return text
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&quot;", '"')
    .replaceAll("&#39;", "'")
    .replaceAll("&amp;", "&");
}
