// The tabs of a page. The open one is in the address.

import { Tabs as Base } from "@mantine/core";
import type { ReactNode } from "react";

interface TabsProps<Name extends string> {
  /** The tabs with their texts, in order. */
  of: Readonly<Record<Name, string>>;
  open: Name;
  go: (name: Name) => void;
  children: ReactNode;
}

export function Tabs<Name extends string>({ of, open, go, children }: TabsProps<Name>) {
  const names = Object.keys(of) as Name[];
  return (
    <Base
      value={open}
      onChange={name => name && go(name as Name)}
      keepMounted={false}
      activateTabWithKeyboard={false}
    >
      <Base.List mb="md">
        {names.map(name => (
          <Base.Tab key={name} value={name}>
            {of[name]}
          </Base.Tab>
        ))}
      </Base.List>
      <Base.Panel value={open}>{children}</Base.Panel>
    </Base>
  );
}
