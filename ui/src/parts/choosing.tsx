// What of a list is chosen for acts on many: rows, a whole page of them, or all that match.

import { useState } from "react";

export interface Choosing<T> {
  readonly chosen: ReadonlyMap<string, T>;
  /** All that match are chosen, also those on other pages, and so many they are. Null: those in `chosen` are. */
  readonly matching: number | null;
  readonly keyOf: (item: T) => string;
  choose(items: readonly T[], yes: boolean): void;
  chooseMatching(total: number): void;
  clear(): void;
}

export function useChoosing<T>(keyOf: (item: T) => string): Choosing<T> {
  const [chosen, setChosen] = useState<ReadonlyMap<string, T>>(new Map());
  const [matching, setMatching] = useState<number | null>(null);
  return {
    chosen,
    matching,
    keyOf,
    choose(items, yes) {
      const next = new Map(chosen);
      for (const item of items) {
        if (yes) next.set(keyOf(item), item);
        else next.delete(keyOf(item));
      }
      setChosen(next);
      setMatching(null);
    },
    chooseMatching: setMatching,
    clear() {
      setChosen(new Map());
      setMatching(null);
    },
  };
}

export const isChosen = <T,>({ chosen, matching, keyOf }: Choosing<T>, item: T): boolean =>
  matching !== null || chosen.has(keyOf(item));

interface RowChoiceProps<T> {
  of: Choosing<T>;
  item: T;
  name: string;
}

export function RowChoice<T>({ of, item, name }: RowChoiceProps<T>) {
  return (
    <input
      type="checkbox"
      aria-label={`Choose ${name}`}
      checked={isChosen(of, item)}
      onChange={event => of.choose([item], event.currentTarget.checked)}
    />
  );
}

/** In the head of a table. */
export function PageChoice<T>({ of, items }: { of: Choosing<T>; items: readonly T[] }) {
  const number = items.filter(item => isChosen(of, item)).length;
  return (
    <input
      type="checkbox"
      className="page-choice"
      aria-label="Choose this page"
      checked={number === items.length}
      ref={field => {
        if (field) field.indeterminate = number > 0 && number < items.length;
      }}
      onChange={event => of.choose(items, event.currentTarget.checked)}
    />
  );
}
