import { expect, test } from "vitest";
import { plainText } from "../src/model/markdown.ts";

test.each([
  ["Greets whoever is named.", "Greets whoever is named."],
  ["# Title\n\nSome **bold** and `code`.", "Title Some bold and code."],
  ["- one\n- two", "one two"],
  ["1. first\n   - inner", "first inner"],
  ["| a | b |\n|---|---|\n| 1 | *2* |", "a b 1 2"],
  ["See [the page](https://example.org).", "See the page."],
  ["<img src=x onerror=alert(1)>", "<img src=x onerror=alert(1)>"],
  ["a &lt; b &amp; c", "a < b & c"],
  ["my_flow_id and 2 * 3", "my_flow_id and 2 * 3"],
  ["", ""],
])("the words of %j", (text, words) => {
  expect(plainText(text)).toBe(words);
});
