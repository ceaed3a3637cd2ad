// One execution as it happens: its states and its log lines, told to whoever shows it. Knows no page.

import { ENDED } from "../model/states.ts";
import { path, statusOf } from "./client.ts";
import { follow } from "./follow.ts";
import type { Execution, LogLine } from "./types.ts";

/** Lines that a browser can keep without trouble. Older ones can be downloaded. */
export const MOST_LINES = 100_000;
/** Many lines are told at once, because a layout for each of them would be too slow for a task that logs much. */
const EVERY = 50;
/** Logs are followed for a while after the end, because the last lines come a little later than the last state. */
const LAST_LINES = 5000;
/** So long after the end an execution without lines is said to have none. */
const SETTLES = 1000;

export interface LiveView {
  readonly execution: Execution;
  readonly lines: readonly LogLine[];
  /** How many lines came, also those that are no longer kept. */
  readonly count: number;
  readonly lost: boolean;
  /** The execution has ended long enough ago that all lines have come. */
  readonly settled: boolean;
  /** Why it is no longer followed. */
  readonly trouble: unknown;
}

export class LiveExecution {
  private view: LiveView;
  private waiting: LogLine[] = [];
  private readonly listeners = new Set<() => void>();
  private life = new AbortController();
  private following = false;
  private reading: AbortController | null = null;
  private silence: ReturnType<typeof setTimeout> | undefined;
  private flushing: ReturnType<typeof setTimeout> | undefined;
  private settling: ReturnType<typeof setTimeout> | undefined;

  constructor(first: Execution) {
    this.view = { execution: first, lines: [], count: 0, lost: false, settled: false, trouble: null };
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  readonly now = (): LiveView => this.view;

  /** Follows until `close`. Called again after a restart, which makes an ended execution go on. */
  open(): void {
    if (this.life.signal.aborted) this.life = new AbortController();
    clearTimeout(this.silence);
    this.silence = undefined;
    this.settle();
    this.readLogs();
    if (!this.following) void this.follow(this.life.signal);
  }

  close(): void {
    this.life.abort();
    for (const timer of [this.silence, this.flushing, this.settling]) clearTimeout(timer);
  }

  /** The answer to a button may come after the events that it caused, so states are only added. */
  take(execution: Execution, least = this.view.execution.state.histories.length): void {
    if (execution.state.histories.length < least) return;
    this.tell({ execution });
    this.settle();
  }

  private async follow(signal: AbortSignal): Promise<void> {
    this.following = true;
    const take = {
      start: () => this.found(),
      event: (now: Execution) => this.take(now),
      lost: () => this.tell({ lost: true }),
    };
    const target = `executions/${path(this.view.execution.id)}/follow`;
    await follow<Execution>(target, signal, take).catch(error => this.failed(error));
    this.following = false;
    if (!signal.aborted) this.waitForSilence();
  }

  private readLogs(): void {
    if (this.reading) return;
    const reading = new AbortController();
    this.reading = reading;
    const take = {
      start: () => {
        this.waiting = [];
        this.tell({ lines: [], count: 0, lost: false });
      },
      event: (line: LogLine) => {
        this.waiting.push(line);
        this.flushing ??= setTimeout(() => this.flush(), EVERY);
        if (this.silence !== undefined) this.waitForSilence();
      },
      lost: () => this.tell({ lost: true }),
    };
    const signal = AbortSignal.any([reading.signal, this.life.signal]);
    void follow<LogLine>(`logs/${path(this.view.execution.id)}/follow`, signal, take)
      .catch(error => this.failed(error))
      .finally(() => {
        this.reading = null;
      });
  }

  private flush(): void {
    this.flushing = undefined;
    const { waiting, view } = this;
    this.waiting = [];
    const lines = [...view.lines, ...waiting];
    this.tell({ lines: lines.slice(-MOST_LINES), count: view.count + waiting.length });
  }

  private waitForSilence(): void {
    clearTimeout(this.silence);
    this.silence = setTimeout(() => this.reading?.abort(), LAST_LINES);
  }

  private settle(): void {
    const over = ENDED.has(this.view.execution.state.current);
    if (over) {
      this.settling ??= setTimeout(() => this.tell({ settled: true }), SETTLES);
      return;
    }
    clearTimeout(this.settling);
    this.settling = undefined;
    if (this.view.settled) this.tell({ settled: false });
  }

  private found(): void {
    if (this.view.lost) this.tell({ lost: false });
  }

  private failed(trouble: unknown): void {
    if (statusOf(trouble) !== 401) this.tell({ trouble });
  }

  private tell(change: Partial<LiveView>): void {
    this.view = { ...this.view, ...change };
    for (const listener of this.listeners) listener();
  }
}
