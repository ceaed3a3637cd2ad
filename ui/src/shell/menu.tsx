// The menu of all pages.

import { Link } from "@tanstack/react-router";
import {
  Blocks,
  CalendarClock,
  Database,
  FolderTree,
  House,
  KeyRound,
  ListTree,
  type LucideIcon,
  ScrollText,
  Settings2,
  Workflow,
} from "lucide-react";

interface Place {
  to:
    | "/main/dashboards"
    | "/main/flows"
    | "/main/executions"
    | "/main/logs"
    | "/main/admin/triggers"
    | "/main/namespaces"
    | "/main/kv"
    | "/main/secrets"
    | "/main/plugins"
    | "/main/preferences";
  text: string;
  icon: LucideIcon;
}

export const PLACES: readonly Place[] = [
  { to: "/main/dashboards", text: "Home", icon: House },
  { to: "/main/flows", text: "Flows", icon: Workflow },
  { to: "/main/executions", text: "Executions", icon: ListTree },
  { to: "/main/logs", text: "Logs", icon: ScrollText },
  { to: "/main/admin/triggers", text: "Triggers", icon: CalendarClock },
  { to: "/main/namespaces", text: "Namespaces", icon: FolderTree },
  { to: "/main/kv", text: "KV Store", icon: Database },
  { to: "/main/secrets", text: "Secrets", icon: KeyRound },
  { to: "/main/plugins", text: "Plugins", icon: Blocks },
  { to: "/main/preferences", text: "Settings", icon: Settings2 },
];

export function Menu({ chosen }: { chosen?: () => void }) {
  return (
    <nav className="menu" aria-label="Main">
      {PLACES.map(({ to, text, icon: Icon }) => (
        <Link key={to} to={to} onClick={chosen} activeProps={{ "aria-current": "page" }}>
          <Icon size={16} strokeWidth={1.75} aria-hidden />
          {text}
        </Link>
      ))}
    </nav>
  );
}
