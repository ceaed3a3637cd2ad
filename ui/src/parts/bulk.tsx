// The bar over a list of which something is chosen, with the acts on all of that. A question says on how many, and the answer how many it were.

import { Button } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import type { Chosen } from "../api/many.ts";
import { counted } from "../model/words.ts";
import { Problem, useAct } from "./act.tsx";
import type { Choosing } from "./choosing.tsx";
import { useConfirm } from "./confirm.tsx";

export interface BulkAct<T> {
  name: string;
  /** What will happen. */
  text: string;
  /** What happened, after the number. */
  done: string;
  danger?: boolean;
  fields?: ReactNode;
  /** It changes nothing, so it needs no question. */
  harmless?: boolean;
  /** Returns on how many it was done. */
  work: (chosen: Chosen<T>, given: FormData) => Promise<number>;
}

export interface Bulk<T> {
  choosing: Choosing<T>;
  /** What is listed, as one. */
  thing: string;
  acts: readonly BulkAct<T>[];
  /** The filters of the list. Without any, only what is on the page can be chosen, so that nobody means everything by mistake. */
  filters: string;
  /** The key of the queries that show it. */
  shownBy: string;
}

interface BulkBarProps<T> extends Bulk<T> {
  shown: readonly T[];
  total: number;
}

export function BulkBar<T>({ choosing, thing, acts, filters, shownBy, shown, total }: BulkBarProps<T>) {
  const { busy, error, run } = useAct();
  const [told, setTold] = useState("");
  const confirmed = useConfirm();
  const queries = useQueryClient();
  const number = choosing.matching ?? choosing.chosen.size;
  const press = (act: BulkAct<T>) => async () => {
    setTold("");
    const { name, text, danger = false, fields } = act;
    const question = { title: `${name} ${counted(number, thing)}?`, text, danger, fields, count: number };
    const given = act.harmless ? new FormData() : await confirmed(question);
    if (!given) return;
    const items = [...choosing.chosen.values()];
    const query = choosing.matching === null ? null : filters;
    const count = await act.work({ items, query, count: number }, given);
    setTold(`${counted(count, thing)} ${act.done}.`);
    choosing.clear();
    await queries.invalidateQueries({ queryKey: [shownBy] });
  };
  const wholePage = shown.every(item => choosing.chosen.has(choosing.keyOf(item)));
  return (
    <>
      {number ? (
        <section className="bulk" aria-label="Chosen">
          <strong>{`${number} chosen`}</strong>
          {choosing.matching === null && !wholePage ? (
            <Button size="compact-sm" variant="subtle" onClick={() => choosing.choose(shown, true)}>
              This page
            </Button>
          ) : null}
          {choosing.matching === null && filters && total > shown.length ? (
            <Button size="compact-sm" variant="subtle" onClick={() => choosing.chooseMatching(total)}>
              {`All ${total} that match`}
            </Button>
          ) : null}
          {acts.map(act => (
            <Button
              key={act.name}
              size="compact-sm"
              variant="default"
              className={act.danger ? "danger" : ""}
              disabled={busy}
              onClick={() => void run(press(act))}
            >
              {act.name}
            </Button>
          ))}
          <Button size="compact-sm" variant="subtle" color="gray" onClick={choosing.clear}>
            Choose none
          </Button>
        </section>
      ) : null}
      <div role="status">{told ? <p className="done">{told}</p> : null}</div>
      <Problem error={error} />
    </>
  );
}
