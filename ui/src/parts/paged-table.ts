// A table of which one page is shown, with what stands there if nothing was found or a page cannot be read.

import { h, keyed, type Row, table } from "./dom.ts";
import { problem } from "./feedback.ts";
import { Pages } from "./pages.ts";

export interface Listed<T> {
  /** With a key of each, by which its row stays. */
  items: readonly (readonly [string, T])[];
  total: number;
}

export interface PagedTableOptions<T> {
  name: string;
  head: readonly string[];
  row: () => Row<T>;
  /** What stands in place of the table if there is nothing. */
  empty: string;
  size: number;
  /** Texts of the buttons that turn pages. */
  turns?: readonly [string, string];
  read: (page: number) => Promise<Listed<T>>;
  /** Hears why a page that was turned to cannot be read. Default: it is told below the table. */
  failed?: (error: unknown) => void;
}

export class PagedTable<T> {
  readonly node: HTMLElement;
  private readonly options: PagedTableOptions<T>;
  private readonly rows: (items: readonly (readonly [string, T])[]) => void;
  private readonly table: HTMLElement;
  private readonly empty: HTMLElement;
  private readonly trouble = h("div");
  private readonly pages: Pages;
  private page = 1;

  constructor(options: PagedTableOptions<T>) {
    this.options = options;
    const body = h("tbody");
    this.rows = keyed(body, options.row);
    this.table = table(options.name, options.head, body);
    this.empty = h("p", { class: "note" }, options.empty);
    const failed = options.failed ?? (error => this.tell(error));
    const turn = (page: number) => {
      this.page = page;
      this.reload().catch(failed);
    };
    this.pages = new Pages(turn, ...(options.turns ?? []));
    this.node = h("div", {}, this.table, this.empty, this.pages.node, this.trouble);
  }

  /** Shows the first page. */
  load(): Promise<void> {
    this.page = 1;
    return this.reload();
  }

  /** Shows the same page as it is now. */
  async reload(): Promise<void> {
    const { page } = this;
    const { items, total } = await this.options.read(page);
    this.rows(items);
    this.table.hidden = !total;
    this.empty.hidden = total > 0;
    this.pages.show(page, items.length, total, this.options.size);
    this.trouble.replaceChildren();
  }

  tell(error: unknown): void {
    this.trouble.replaceChildren(problem(error));
  }
}
