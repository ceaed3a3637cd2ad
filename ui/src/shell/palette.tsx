// Goes anywhere from the keyboard: pages, flows by their names, an execution by its id, types of tasks.

import { Modal, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { type KeyboardEvent, useState } from "react";
import { api, path } from "../api/client.ts";
import type { Execution, Flow, Page } from "../api/types.ts";
import { PLACES } from "./menu.tsx";

interface Goal {
  id: string;
  text: string;
  kind: string;
  to: string;
}

const PAGES: readonly Goal[] = [
  ...PLACES.map(({ to, text }) => ({ id: to, text, kind: "Page", to })),
  { id: "new", text: "Create flow", kind: "Act", to: "/main/flows/new" },
];
const MOST = 8;
const PAUSE = 150;
const LOOKS_LIKE_AN_ID = /^[0-9A-Za-z]{16,}$/;

export function Palette({ close }: { close: () => void }) {
  const [words, setWords] = useState("");
  const [asked] = useDebouncedValue(words.trim(), PAUSE);
  const [at, setAt] = useState(0);
  const navigate = useNavigate();
  const found = useQuery({
    queryKey: ["palette", asked],
    queryFn: ({ signal }) => look(asked, signal),
    enabled: asked !== "",
    placeholderData: keepPreviousData,
  });
  const goals = [...PAGES.filter(({ text }) => fits(text, words)), ...(asked ? (found.data ?? []) : [])];
  const chosen = Math.min(at, Math.max(goals.length - 1, 0));
  const go = (goal: Goal | undefined) => {
    if (!goal) return;
    close();
    void navigate({ to: goal.to });
  };
  const press = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) setAt((chosen + step + goals.length) % Math.max(goals.length, 1));
    else if (event.key === "Enter") go(goals[chosen]);
    else return;
    event.preventDefault();
  };
  const idOf = (number: number) => `goal-${number}`;
  return (
    <Modal
      opened
      onClose={close}
      withCloseButton={false}
      lockScroll={false}
      transitionProps={{ duration: 0 }}
      title="Go to"
    >
      <TextInput
        data-autofocus
        role="combobox"
        aria-label="Go to"
        aria-expanded
        aria-controls="goals"
        aria-activedescendant={goals.length ? idOf(chosen) : undefined}
        placeholder="A page, a flow, the id of an execution"
        value={words}
        onChange={event => {
          setWords(event.currentTarget.value);
          setAt(0);
        }}
        onKeyDown={press}
      />
      <div className="goals" id="goals" role="listbox" aria-label="Places">
        {goals.map((goal, number) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the keys are heard by the field above, which keeps the focus
          <div
            key={goal.id}
            id={idOf(number)}
            className="goal"
            role="option"
            tabIndex={-1}
            aria-selected={number === chosen}
            onClick={() => go(goal)}
          >
            <span>{goal.text}</span>
            <span className="note">{goal.kind}</span>
          </div>
        ))}
      </div>
      {goals.length ? null : <p className="note">Nothing by this name.</p>}
    </Modal>
  );
}

const fits = (text: string, words: string): boolean =>
  text.toLowerCase().includes(words.trim().toLowerCase());

async function look(words: string, signal: AbortSignal): Promise<Goal[]> {
  const query = new URLSearchParams({ q: words, size: String(MOST) });
  const [flows, executions] = await Promise.all([
    api<Page<Flow>>(`flows/search?${query}`, { signal }),
    LOOKS_LIKE_AN_ID.test(words)
      ? api<Page<Execution>>(`executions/search?${query}`, { signal })
      : { results: [], total: 0 },
  ]);
  return [
    ...executions.results.map(({ namespace, flowId, id }) => ({
      id,
      text: `${flowId} ${id}`,
      kind: "Execution",
      to: `/main/executions/${path(namespace, flowId, id)}`,
    })),
    ...flows.results.map(({ namespace, id }) => ({
      id: `${namespace}.${id}`,
      text: id,
      kind: namespace,
      to: `/main/flows/edit/${path(namespace, id)}`,
    })),
  ];
}
