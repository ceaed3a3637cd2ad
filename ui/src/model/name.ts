// Names that people choose: ids and namespaces. They break after a separator, not in the middle of a word.

/** The parts of a name, each with its final separator. */
export const wordsOf = (text: string): string[] => text.split(/(?<=[._\-/:@])(?=[^._\-/:@])/);
