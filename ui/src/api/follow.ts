// Follows the server's event streams, and reconnects when a connection breaks.

import { ask, statusOf } from "./client.ts";
import { frames } from "./frames.ts";

const PAUSES = [500, 1000, 2000, 5000];
const LONGEST_PAUSE = 10_000;

export interface Follower<T> {
  /** Called after each connection, also after a reconnection. Earlier events then come again. */
  start(): void;
  event(data: T): void;
  lost(): void;
}

/** Runs until the last event of the stream, or until `signal`. Throws errors that a new try cannot fix. */
export async function follow<T>(target: string, signal: AbortSignal, take: Follower<T>): Promise<void> {
  for (let failures = 0; !signal.aborted; ) {
    try {
      const response = await ask(target, { signal, headers: { Accept: "text/event-stream" } });
      failures = 0;
      if (response.body && (await listen(response.body, take))) return;
    } catch (error) {
      if (signal.aborted) return;
      if (!isPassing(error)) throw error;
    }
    take.lost();
    await pause(PAUSES[failures++] ?? LONGEST_PAUSE, signal);
  }
}

/** True if the stream ended, false if it broke. */
async function listen<T>(body: ReadableStream<BufferSource>, take: Follower<T>): Promise<boolean> {
  for await (const frame of frames(body)) {
    if (frame.id === "start") take.start();
    else take.event(frame.data as T);
    if (frame.id === "end") return true;
  }
  return false;
}

function isPassing(error: unknown): boolean {
  const status = statusOf(error);
  return status < 400 || status >= 500 || status === 429;
}

function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise(done => {
    const timer = setTimeout(done, milliseconds);
    const stop = () => {
      clearTimeout(timer);
      done();
    };
    signal.addEventListener("abort", stop, { once: true });
  });
}
