// Names that a person gave: ids and namespaces. They break after a separator, not in the middle of a word.

import { h } from "./dom.ts";

export function nameText(text: string): DocumentFragment {
  const made = document.createDocumentFragment();
  for (const word of wordsOf(text)) made.append(word, h("wbr"));
  made.lastChild?.remove();
  return made;
}

/** Each with the separator that ends it. */
export const wordsOf = (text: string): string[] => text.split(/(?<=[._\-/:@])(?=[^._\-/:@])/);
