// A choice among what a reader saved by a name, with a way to save more and to forget.

import { Button, NativeSelect, TextInput } from "@mantine/core";
import { useState } from "react";
import { keepNamed, namedAt } from "../model/named.ts";
import { say } from "./act.tsx";
import { useConfirm } from "./confirm.tsx";

interface NamedChoiceProps<T> {
  place: readonly string[];
  /** What is saved, as one. */
  thing: string;
  /** What is kept, and what is not. */
  text: string;
  /** What is saved now. */
  value: () => T;
  open: (value: T) => void;
}

export function NamedChoice<T>({ place, thing, text, value, open }: NamedChoiceProps<T>) {
  const [named, setNamed] = useState(() => namedAt<T>(localStorage, place));
  const [chosen, setChosen] = useState("");
  const confirmed = useConfirm();
  const names = Object.keys(named);
  const save = async () => {
    const fields = <TextInput name="name" label="Name" required data-autofocus autoComplete="off" />;
    const given = await confirmed({ title: `Save this ${thing}?`, text, yes: "Save", fields });
    const name = String(given?.get("name") ?? "").trim();
    if (!name) return;
    setNamed(keepNamed(localStorage, place, name, value()));
    setChosen(name);
    say(`${name} is saved`);
  };
  const forget = () => {
    setNamed(keepNamed<T>(localStorage, place, chosen, null));
    setChosen("");
  };
  const choose = (name: string) => {
    setChosen(name);
    const found = named[name];
    if (found !== undefined) open(found);
  };
  const label = `${thing[0]?.toUpperCase()}${thing.slice(1)}`;
  return (
    <div className="row named">
      {names.length ? (
        <NativeSelect
          size="xs"
          aria-label={label}
          value={chosen}
          data={[{ value: "", label: `${label} …` }, ...names]}
          onChange={event => choose(event.currentTarget.value)}
        />
      ) : null}
      <Button size="compact-sm" variant="default" onClick={() => void save()}>
        {`Save as a ${thing}`}
      </Button>
      {chosen ? (
        <Button size="compact-sm" variant="default" color="gray" onClick={forget}>
          {`Forget this ${thing}`}
        </Button>
      ) : null}
    </div>
  );
}
