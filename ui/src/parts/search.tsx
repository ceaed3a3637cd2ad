// The form above a list: words, and more fields that narrow it. The address keeps what was asked, so that it can be shared.

import { NativeSelect, TextInput } from "@mantine/core";
import { Search } from "lucide-react";
import { type ReactNode, type SubmitEvent, useRef } from "react";

interface SearchProps {
  words: string | undefined;
  placeholder: string;
  look: (words: string | undefined) => void;
  children?: ReactNode;
}

export function SearchForm({ words = "", placeholder, look, children }: SearchProps) {
  const field = useRef<HTMLInputElement>(null);
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    look(field.current?.value.trim() || undefined);
  };
  return (
    <search>
      <form className="filters" onSubmit={submit}>
        <TextInput
          // Another address shows other words.
          key={words}
          ref={field}
          type="search"
          label="Search"
          placeholder={placeholder}
          defaultValue={words}
          leftSection={<Search size={14} aria-hidden />}
        />
        {children}
      </form>
    </search>
  );
}

interface ChoiceProps {
  label: string;
  /** The text of the choice that narrows nothing. */
  any: string;
  values: readonly string[];
  value: string | undefined;
  choose: (value: string | undefined) => void;
}

export function Choice({ label, any, values, value = "", choose }: ChoiceProps) {
  return (
    <NativeSelect
      label={label}
      value={value}
      data={[{ value: "", label: any }, ...values]}
      onChange={event => choose(event.currentTarget.value || undefined)}
    />
  );
}
