// Values that a reader saved by a name in this browser, such as the inputs of a flow or the filters of a list.

export type Named<T> = Readonly<Record<string, T>>;

type Store = Pick<Storage, "getItem" | "setItem">;

/** `place` says what they are for. */
export function namedAt<T>(store: Store, place: readonly string[]): Named<T> {
  try {
    const found: unknown = JSON.parse(store.getItem(addressOf(place)) ?? "{}");
    return typeof found === "object" && found !== null && !Array.isArray(found) ? (found as Named<T>) : {};
  } catch {
    return {};
  }
}

/** Without a value the name is forgotten. Returns those that there are now. */
export function keepNamed<T>(
  store: Store,
  place: readonly string[],
  name: string,
  value: T | null,
): Named<T> {
  const { [name]: _, ...others } = namedAt<T>(store, place);
  const now = value === null ? others : { ...others, [name]: value };
  store.setItem(addressOf(place), JSON.stringify(now));
  return now;
}

const addressOf = (place: readonly string[]): string => `toccata.named.${JSON.stringify(place)}`;
