// The values that a page gets from the address bar.

export interface PagePlace {
  /** Aborted when another page is opened. */
  readonly signal: AbortSignal;
  go(address: string): void;
  /** Asks before another page is opened. False keeps this one. */
  guard(mayLeave: () => Promise<boolean>): void;
  show(title: string, ...nodes: (Node | null)[]): void;
  failed(error: unknown): void;
}
