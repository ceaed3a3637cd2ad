// Names that people choose: ids and namespaces. They break after a separator, not in the middle of a word.

import { h } from "./dom.ts";

export function nameText(text: string): DocumentFragment {
  const made = document.createDocumentFragment();
  for (const word of wordsOf(text)) made.append(word, h("wbr"));
  made.lastChild?.remove();
  return made;
}

/** The parts of a name, each with its final separator. */
export const wordsOf = (text: string): string[] => text.split(/(?<=[._\-/:@])(?=[^._\-/:@])/);
