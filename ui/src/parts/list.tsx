// A list of which the server gives one page at a time.

import { keepPreviousData, type QueryKey, useQuery } from "@tanstack/react-query";
import { Fragment, type ReactNode } from "react";
import type { Page } from "../api/types.ts";
import { Problem } from "./act.tsx";
import { type Bulk, BulkBar } from "./bulk.tsx";
import { PageChoice } from "./choosing.tsx";
import { Empty, Loading } from "./page.tsx";
import { Table, Turner } from "./table.tsx";

interface ListProps<T> {
  name: string;
  head: readonly ReactNode[];
  /** Names what is listed, without its page. */
  of: QueryKey;
  read: (page: number, signal: AbortSignal) => Promise<Page<T>>;
  row: (item: T, at: number) => ReactNode;
  empty: ReactNode;
  size: number;
  page: number;
  turn: (page: number) => void;
  /** Texts of the buttons that turn pages. */
  words?: readonly [string, string];
  /** After so many milliseconds it is read again, while the browser's tab is seen. */
  every?: number;
  /** What can be done with many of them at once. */
  bulk?: Bulk<T>;
}

export function List<T>(props: ListProps<T>) {
  const { name, head, of, read, row, empty, size, page, turn, words, every, bulk } = props;
  const list = useQuery({
    queryKey: [...of, page],
    queryFn: ({ signal }) => read(page, signal),
    placeholderData: keepPreviousData,
    refetchInterval: every ?? false,
  });
  const { data } = list;
  if (!data) return list.error ? <Problem error={list.error} /> : <Loading />;
  const shown = data.results.length;
  const [first, ...others] = head;
  const chosenHead = bulk ? (
    <Fragment key="choice">
      <PageChoice of={bulk.choosing} items={data.results} />
      {first}
    </Fragment>
  ) : (
    first
  );
  return (
    <>
      {bulk ? <BulkBar {...bulk} shown={data.results} total={data.total} /> : null}
      {data.total ? (
        <Table name={name} head={[chosenHead, ...others]}>
          {data.results.map(row)}
        </Table>
      ) : (
        <Empty>{empty}</Empty>
      )}
      <Turner {...{ page, shown, total: data.total, size, turn }} {...(words ? { words } : {})} />
      <Problem error={list.error} />
    </>
  );
}
