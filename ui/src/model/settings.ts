// What a reader chose for this browser. Kept in its local storage, where a value that no longer fits counts as absent.

export const DATE_FORMS = ["2026-11-29 23:05:00", "29.11.2026 23:05:00", "11/29/2026 11:05:00 PM"] as const;
export type DateForm = (typeof DATE_FORMS)[number];

export interface Settings {
  /** Of the IANA database. Empty: that of the browser. */
  readonly zone: string;
  readonly dates: DateForm;
  /** Of new flows. */
  readonly namespace: string;
  /** Of the editor, in pixels. */
  readonly fontSize: number;
  /** Rows on a page of a list. 0: as many as suit the list. */
  readonly rows: number;
  /** Of lists of executions, besides those that they always have. */
  readonly columns: readonly Column[];
}

export const COLUMNS = ["Ended", "Revision", "Trigger", "Labels"] as const;
export type Column = (typeof COLUMNS)[number];

export const FONT_SIZES: readonly number[] = [12, 13, 14, 16, 18];
export const ROW_COUNTS: readonly number[] = [10, 25, 50, 100];
export const USUAL: Settings = {
  zone: "",
  dates: DATE_FORMS[0],
  namespace: "company.team",
  fontSize: 13,
  rows: 0,
  columns: [],
};
const PLACE = "toccata.settings";

type Store = Pick<Storage, "getItem" | "setItem">;

export class SettingsStore {
  private current: Settings;
  private readonly store: Store | undefined;
  private readonly listeners = new Set<() => void>();

  constructor(store: Store | undefined) {
    this.store = store;
    this.current = fitting(read(store));
  }

  readonly now = (): Settings => this.current;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  change(change: Partial<Settings>): void {
    this.current = fitting({ ...this.current, ...change });
    this.store?.setItem(PLACE, JSON.stringify(this.current));
    for (const listener of this.listeners) listener();
  }
}

function read(store: Store | undefined): Record<string, unknown> {
  try {
    const found: unknown = JSON.parse(store?.getItem(PLACE) ?? "{}");
    return typeof found === "object" && found !== null ? (found as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

function fitting(found: Partial<Record<keyof Settings, unknown>>): Settings {
  const { zone, dates, namespace, fontSize, rows, columns } = found;
  return {
    zone: typeof zone === "string" && isZone(zone) ? zone : USUAL.zone,
    dates: DATE_FORMS.find(each => each === dates) ?? USUAL.dates,
    namespace: typeof namespace === "string" && namespace ? namespace : USUAL.namespace,
    fontSize: FONT_SIZES.find(each => each === fontSize) ?? USUAL.fontSize,
    rows: ROW_COUNTS.find(each => each === rows) ?? USUAL.rows,
    columns: Array.isArray(columns) ? COLUMNS.filter(each => columns.includes(each)) : USUAL.columns,
  };
}

function isZone(zone: string): boolean {
  try {
    return zone === "" || Boolean(new Intl.DateTimeFormat("en", { timeZone: zone }));
  } catch {
    return false;
  }
}

/** A browser that keeps nothing refuses even to look. */
function storage(): Store | undefined {
  try {
    return globalThis.localStorage as Storage | undefined;
  } catch {
    return undefined;
  }
}

export const settings = new SettingsStore(storage());

/** Rows on a page of a list that usually has so many. */
export const rowsOr = (usual: number): number => settings.now().rows || usual;
