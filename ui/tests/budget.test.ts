import { build, type Rolldown } from "vite";
import { expect, test } from "vitest";

/** In characters. What a page loads when it is opened has a budget of its own. */
const BUDGET = { first: 120_000, later: 700_000, css: 15_000 };

test("what the browser loads at first, and later, stays within the budget", { timeout: 60_000 }, async () => {
  const made = (await build({ logLevel: "error", build: { write: false } })) as Rolldown.RolldownOutput;
  const chunks = new Map(made.output.flatMap(file => (file.type === "chunk" ? [[file.fileName, file]] : [])));
  const first = new Set<string>();
  const add = (name: string): void => {
    if (first.has(name)) return;
    first.add(name);
    chunks.get(name)?.imports.forEach(add);
  };
  for (const chunk of chunks.values()) if (chunk.isEntry) add(chunk.fileName);
  const sizes = { first: 0, later: 0, css: 0 };
  for (const chunk of chunks.values())
    sizes[first.has(chunk.fileName) ? "first" : "later"] += chunk.code.length;
  for (const file of made.output)
    if (file.type === "asset" && file.fileName.endsWith(".css")) sizes.css += file.source.length;
  for (const kind of ["first", "later", "css"] as const) {
    expect(sizes[kind]).toBeGreaterThan(0);
    expect(sizes[kind]).toBeLessThan(BUDGET[kind]);
  }
});
