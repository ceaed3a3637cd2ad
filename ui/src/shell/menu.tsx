// The menu of all pages.

import { Link } from "@tanstack/react-router";
import { CalendarClock, ListTree, type LucideIcon, ScrollText, Workflow } from "lucide-react";

interface Entry {
  to: "/main/flows" | "/main/executions" | "/main/logs" | "/main/admin/triggers";
  text: string;
  icon: LucideIcon;
}

export const ENTRIES: readonly Entry[] = [
  { to: "/main/flows", text: "Flows", icon: Workflow },
  { to: "/main/executions", text: "Executions", icon: ListTree },
  { to: "/main/logs", text: "Logs", icon: ScrollText },
  { to: "/main/admin/triggers", text: "Triggers", icon: CalendarClock },
];

export function Menu({ chosen }: { chosen?: () => void }) {
  return (
    <nav className="menu" aria-label="Main">
      {ENTRIES.map(({ to, text, icon: Icon }) => (
        <Link key={to} to={to} onClick={chosen} activeProps={{ "aria-current": "page" }}>
          <Icon size={16} strokeWidth={1.75} aria-hidden />
          {text}
        </Link>
      ))}
    </nav>
  );
}
