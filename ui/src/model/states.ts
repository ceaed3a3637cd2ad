// The states of executions and task runs, and how the page shows them.

export type Tone = "good" | "warn" | "bad" | "busy" | "idle";

const TONES: Readonly<Record<string, Tone>> = {
  SUCCESS: "good",
  WARNING: "warn",
  FAILED: "bad",
  KILLED: "bad",
  CANCELLED: "warn",
  RETRIED: "warn",
  SKIPPED: "idle",
  CREATED: "idle",
  SUBMITTED: "idle",
  QUEUED: "idle",
  PAUSED: "warn",
  ERROR: "bad",
  WARN: "warn",
  INFO: "busy",
  DEBUG: "idle",
  TRACE: "idle",
};

/** The states of an execution. */
export const STATES: readonly string[] = [
  "CREATED",
  "QUEUED",
  "RUNNING",
  "PAUSED",
  "RETRYING",
  "RESTARTED",
  "KILLING",
  "SUCCESS",
  "WARNING",
  "FAILED",
  "KILLED",
  "CANCELLED",
];
export const ENDED: ReadonlySet<string> = new Set([
  "SUCCESS",
  "WARNING",
  "FAILED",
  "KILLED",
  "CANCELLED",
  "RETRIED",
  "SKIPPED",
]);

export const tone = (name: string): Tone => TONES[name] ?? "busy";

/** Those that a person may give to an execution that has ended. */
export const FINAL: readonly string[] = ["SUCCESS", "WARNING", "FAILED", "KILLED", "CANCELLED"];
