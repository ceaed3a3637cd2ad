// Shows Markdown as elements. Its text never becomes markup of the page.

import type { Token, Tokens } from "marked";
import { type ComponentType, createContext, Fragment, type ReactNode, use } from "react";
import { blocksOf, childrenOf, inlinesOf, unescaped } from "../model/markdown.ts";

const LINKED = /^(https?:|mailto:)/i;

/** `level` is that of its headings. They are below those of the page itself. */
export function Markdown({ text, level = 3 }: { text: string; level?: 2 | 3 }) {
  return (
    <Level value={level}>
      <div className="markdown">{each(blocksOf(text), Block)}</div>
    </Level>
  );
}

const Level = createContext<2 | 3>(3);

/** One line, such as the hint beside a field. */
export const InlineMarkdown = ({ text }: { text: string }) => each(inlinesOf(text), Inline);

/** Tokens of one text never move, so their place is their key. */
const each = (tokens: readonly Token[], Shown: ComponentType<{ token: Token }>): ReactNode =>
  // biome-ignore lint/suspicious/noArrayIndexKey: as above
  tokens.map((token, at) => <Shown key={at} token={token} />);

function Block({ token }: { token: Token }): ReactNode {
  switch (token.type) {
    case "space":
    case "def":
      return null;
    case "heading":
      return <Heading token={token} />;
    case "paragraph":
      return <p>{inner(token)}</p>;
    case "code":
      return <pre>{(token as Tokens.Code).text}</pre>;
    case "blockquote":
      return <blockquote>{each(childrenOf(token), Block)}</blockquote>;
    case "list":
      return <List token={token as Tokens.List} />;
    case "table":
      return <Grid token={token as Tokens.Table} />;
    case "hr":
      return <hr />;
    case "text":
      return childrenOf(token).length ? inner(token) : <Inline token={token} />;
    default:
      return <p>{token.raw.trim()}</p>;
  }
}

function Heading({ token }: { token: Token }) {
  const Kind = use(Level) === 2 ? "h2" : "h3";
  return <Kind className="heading">{inner(token)}</Kind>;
}

function List({ token }: { token: Tokens.List }) {
  const Kind = token.ordered ? "ol" : "ul";
  return <Kind>{each(token.items, Item)}</Kind>;
}

const Item = ({ token }: { token: Token }) => <li>{each(childrenOf(token), Block)}</li>;

function Grid({ token }: { token: Tokens.Table }) {
  return (
    <div className="scroll">
      <table>
        <tbody>
          <Line cells={token.header} />
          {token.rows.map((row, at) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: rows of one text never move
            <Line key={at} cells={row} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Line({ cells }: { cells: readonly Tokens.TableCell[] }) {
  return (
    <tr>
      {cells.map((cell, at) => {
        const Kind = cell.header && cell.text ? "th" : "td";
        // biome-ignore lint/suspicious/noArrayIndexKey: cells of one text never move
        return <Kind key={at}>{each(cell.tokens, Inline)}</Kind>;
      })}
    </tr>
  );
}

const inner = (token: Token): ReactNode => each(childrenOf(token), Inline);

function Inline({ token }: { token: Token }): ReactNode {
  switch (token.type) {
    case "strong":
      return <strong>{inner(token)}</strong>;
    case "em":
      return <em>{inner(token)}</em>;
    case "del":
      return <del>{inner(token)}</del>;
    case "codespan":
      return <code>{(token as Tokens.Codespan).text}</code>;
    case "br":
      return <br />;
    case "link":
      return <Outside {...(token as Tokens.Link)} />;
    case "image":
      return <Outside {...(token as Tokens.Image)} tokens={[]} />;
    case "html":
      return token.raw;
    default:
      return childrenOf(token).length ? inner(token) : unescaped((token as Tokens.Text).text ?? token.raw);
  }
}

/** A link to another site, only to addresses that cannot run code. A picture becomes a link, so that nothing is fetched unasked. */
function Outside({ href, text, tokens }: { href: string; text: string; tokens: Token[] }) {
  const shown = tokens.length ? each(tokens, Inline) : text || href;
  if (!LINKED.test(href)) return <Fragment>{shown}</Fragment>;
  return (
    <a href={href} target="_blank" rel="noopener noreferrer">
      {shown}
    </a>
  );
}
