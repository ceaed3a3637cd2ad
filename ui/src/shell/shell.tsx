// What stands around every page: the menu, the way to where one is, and the sign-in for those who need it.

import { ActionIcon, Button, Drawer, useMantineColorScheme } from "@mantine/core";
import { useDisclosure, useHotkeys } from "@mantine/hooks";
import { Outlet, useLocation } from "@tanstack/react-router";
import { MenuIcon, Monitor, Moon, Search, Sun } from "lucide-react";
import { useEffect, useRef, useSyncExternalStore } from "react";
import { signOut } from "../api/client.ts";
import { session } from "../api/session.ts";
import { settings } from "../model/settings.ts";
import { zoneText } from "../model/time.ts";
import { Problem, useAct } from "../parts/act.tsx";
import { Brand } from "./brand.tsx";
import { Crumbs } from "./crumbs.tsx";
import { Menu } from "./menu.tsx";
import { Palette } from "./palette.tsx";
import { SignIn } from "./sign-in.tsx";

export function Shell() {
  const standing = useSyncExternalStore(session.subscribe, session.now);
  return (
    <>
      {standing === "in" ? null : <SignIn again={standing === "expired"} />}
      {standing === "out" ? null : <Frame hidden={standing === "expired"} />}
      <p id="said" className="unseen" role="status" />
    </>
  );
}

function Frame({ hidden }: { hidden: boolean }) {
  const [opened, { open, close }] = useDisclosure(false);
  useSyncExternalStore(settings.subscribe, settings.now);
  const main = useRef<HTMLElement>(null);
  const subject = useLocation({ select: ({ pathname }) => subjectOf(pathname) });
  // biome-ignore lint/correctness/useExhaustiveDependencies: another page is read from its beginning
  useEffect(() => main.current?.focus({ preventScroll: true }), [subject]);
  return (
    <div className="shell" hidden={hidden}>
      <a className="skip" href="#page">
        Skip to content
      </a>
      <aside className="side">
        <Brand />
        <Menu />
      </aside>
      <div className="content">
        <header className="top">
          <ActionIcon className="narrow-only" variant="subtle" color="gray" aria-label="Menu" onClick={open}>
            <MenuIcon size={18} aria-hidden />
          </ActionIcon>
          <Crumbs />
          <div className="top-acts">
            <GoTo />
            <Theme />
            <Leave />
          </div>
        </header>
        <main id="page" ref={main} tabIndex={-1}>
          <Outlet />
        </main>
        <footer>
          {`Times are in ${zoneText(new Date())}.`}
          <a href="/docs/">Documentation</a>
          <a href="/api/v1/docs">API</a>
        </footer>
      </div>
      <Drawer
        opened={opened}
        onClose={close}
        size="16rem"
        title={<Brand />}
        lockScroll={false}
        closeButtonProps={{ "aria-label": "Close the menu" }}
      >
        <Menu chosen={close} />
      </Drawer>
    </div>
  );
}

function GoTo() {
  const [opened, { open, close }] = useDisclosure(false);
  // In the editor, too, these keys mean nothing else.
  useHotkeys([["mod+K", open]], [], true);
  return (
    <>
      <ActionIcon variant="subtle" color="gray" aria-label="Go to" title="Go to (Ctrl+K)" onClick={open}>
        <Search size={16} aria-hidden />
      </ActionIcon>
      {opened ? <Palette close={close} /> : null}
    </>
  );
}

/** What a page is about: its tabs are not other pages. */
const subjectOf = (pathname: string): string => pathname.split("/").slice(0, 7).join("/");

const NEXT = { light: "dark", dark: "auto", auto: "light" } as const;
const ICONS = { light: Sun, dark: Moon, auto: Monitor };

function Theme() {
  // To stop transitions, the library would make a style element of text, which the policy refuses.
  const { colorScheme, setColorScheme } = useMantineColorScheme({ keepTransitions: true });
  const Icon = ICONS[colorScheme];
  return (
    <ActionIcon
      variant="subtle"
      color="gray"
      aria-label={`Colours: ${colorScheme}. Change to ${NEXT[colorScheme]}`}
      title={`Colours: ${colorScheme}`}
      onClick={() => setColorScheme(NEXT[colorScheme])}
    >
      <Icon size={16} aria-hidden />
    </ActionIcon>
  );
}

function Leave() {
  const { busy, error, run } = useAct();
  return (
    <>
      <Problem error={error} />
      <Button size="xs" variant="subtle" color="gray" loading={busy} onClick={() => void run(signOut)}>
        Sign out
      </Button>
    </>
  );
}
