// Acts that a button starts: while one runs the button waits, and what went wrong is told beside it.

import { useCallback, useState } from "react";
import { isAbort } from "../api/client.ts";

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

export interface Act {
  busy: boolean;
  error: unknown;
  run(work: () => Promise<void>): Promise<void>;
}

export function useAct(): Act {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const run = useCallback(async (work: () => Promise<void>) => {
    setBusy(true);
    setError(null);
    try {
      await work();
    } catch (failure) {
      if (!isAbort(failure)) setError(failure);
    } finally {
      setBusy(false);
    }
  }, []);
  return { busy, error, run };
}

export function Problem({ error }: { error: unknown }) {
  if (error == null) return null;
  return (
    <p className="problem" role="alert">
      {messageOf(error)}
    </p>
  );
}

/** Announces a text to screen readers. */
export function say(text: string): void {
  const place = document.getElementById("said");
  if (place) place.textContent = text;
}
