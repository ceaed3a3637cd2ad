// The server counts characters of a line from 1, the browser counts halves of them from 0.

/** The column of an offset in a line. */
export const columnOf = (line: string, offset: number): number => [...line.slice(0, offset)].length + 1;

/** The offset of a column in a line, at most its end. */
export const offsetOf = (line: string, column: number): number =>
  [...line].slice(0, Math.max(column - 1, 0)).join("").length;
