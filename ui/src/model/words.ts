// Numbers in words.

export const counted = (number: number, thing: string): string =>
  `${number} ${thing}${number === 1 ? "" : "s"}`;

export function bytesText(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  if (bytes < 1_000_000) return `${(bytes / 1000).toFixed(1)} KB`;
  return `${(bytes / 1_000_000).toFixed(1)} MB`;
}
