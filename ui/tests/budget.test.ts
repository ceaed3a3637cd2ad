import { build, type Rolldown } from "vite";
import { expect, test } from "vitest";

/** In bytes as built, before compression. `first` is all that the list of flows needs. */
const BUDGET = { first: 600_000, css: 84_000, page: 130_000 };
/** What is heavy has a budget of its own, and comes when it is shown. */
const HEAVY: Readonly<Record<string, number>> = {
  "source-editor.tsx": 450_000,
  "difference.tsx": 450_000,
  "canvas.tsx": 215_000,
};
/** Of the worker that lays graphs out. It is loaded beside the canvas, and takes nothing from the page. */
const WORKER = 1_500_000;
const FIRST_PAGE = "flows.tsx";

const bytesOf = (content: string | Uint8Array): number =>
  typeof content === "string" ? new TextEncoder().encode(content).length : content.length;

test("what the browser loads at first, and later, stays within the budget", {
  timeout: 120_000,
}, async () => {
  // Libraries have more code for those who develop.
  const { process } = globalThis as unknown as { process: { env: Record<string, string> } };
  process.env["NODE_ENV"] = "production";
  const made = (await build({ logLevel: "error", build: { write: false } })) as Rolldown.RolldownOutput;
  const chunks = new Map(made.output.flatMap(file => (file.type === "chunk" ? [[file.fileName, file]] : [])));
  const needs = (name: string, found: Set<string> = new Set()): Set<string> => {
    if (found.has(name)) return found;
    found.add(name);
    for (const each of chunks.get(name)?.imports ?? []) needs(each, found);
    return found;
  };
  const sizeOf = (names: Iterable<string>): number =>
    [...names].reduce((sum, name) => sum + bytesOf(chunks.get(name)?.code ?? ""), 0);
  const sourceOf = (chunk: Rolldown.OutputChunk): string =>
    chunk.facadeModuleId?.split("/").at(-1) ?? chunk.name;

  const all = [...chunks.values()];
  const first = new Set(
    all
      .filter(each => each.isEntry || sourceOf(each) === FIRST_PAGE)
      .flatMap(each => [...needs(each.fileName)]),
  );
  const later = all.filter(each => each.isDynamicEntry && !first.has(each.fileName));
  expect(sizeOf(first)).toBeGreaterThan(0);
  expect(sizeOf(first)).toBeLessThan(BUDGET.first);
  expect(later.map(sourceOf)).toEqual(expect.arrayContaining(Object.keys(HEAVY)));
  const moreOf = (chunk: Rolldown.OutputChunk): number =>
    sizeOf([...needs(chunk.fileName)].filter(name => !first.has(name)));
  for (const each of later) {
    const more = moreOf(each);
    expect(more, sourceOf(each)).toBeLessThan(HEAVY[sourceOf(each)] ?? BUDGET.page);
  }
  const workers = made.output.filter(file => file.fileName.includes(".worker-"));
  expect(workers).toHaveLength(1);
  for (const file of workers)
    expect(bytesOf(file.type === "chunk" ? file.code : file.source)).toBeLessThan(WORKER);
  const css = made.output.flatMap(file =>
    file.type === "asset" && file.fileName.endsWith(".css") ? [file] : [],
  );
  const styles = css.reduce((sum, file) => sum + bytesOf(file.source), 0);
  expect(styles).toBeGreaterThan(0);
  expect(styles).toBeLessThan(BUDGET.css);
});
