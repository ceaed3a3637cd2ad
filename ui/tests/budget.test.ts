import { build, type Rolldown } from "vite";
import { expect, test } from "vitest";

const BUDGET = { js: 120_000, css: 15_000 };

test("what the browser loads at first stays within the budget", { timeout: 30_000 }, async () => {
  const made = (await build({ logLevel: "error", build: { write: false } })) as Rolldown.RolldownOutput;
  const sizes = { js: 0, css: 0 };
  for (const file of made.output) {
    if (file.type === "chunk") sizes.js += file.code.length;
    else if (file.fileName.endsWith(".css")) sizes.css += file.source.length;
  }
  expect(sizes.js).toBeGreaterThan(0);
  expect(sizes.css).toBeGreaterThan(0);
  expect(sizes.js).toBeLessThan(BUDGET.js);
  expect(sizes.css).toBeLessThan(BUDGET.css);
});
