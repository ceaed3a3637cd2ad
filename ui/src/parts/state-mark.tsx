// A state, never by its colour alone: its icon has a shape of its own, and its word stands beside it.

import {
  Ban,
  CircleAlert,
  CircleCheck,
  CircleDashed,
  CircleDot,
  CirclePause,
  CircleX,
  type LucideIcon,
  RotateCw,
  TriangleAlert,
} from "lucide-react";
import { type Tone, tone } from "../model/states.ts";

const ICONS: Readonly<Record<string, LucideIcon>> = {
  SUCCESS: CircleCheck,
  WARNING: TriangleAlert,
  WARN: TriangleAlert,
  FAILED: CircleX,
  ERROR: CircleX,
  KILLED: Ban,
  KILLING: Ban,
  CANCELLED: Ban,
  PAUSED: CirclePause,
  RETRYING: RotateCw,
  RETRIED: RotateCw,
  RESTARTED: RotateCw,
};
const BY_TONE: Readonly<Record<Tone, LucideIcon>> = {
  good: CircleCheck,
  warn: CircleAlert,
  bad: CircleX,
  busy: CircleDot,
  idle: CircleDashed,
};

export function StateMark({ name, badge = false }: { name: string; badge?: boolean }) {
  const kind = tone(name);
  return (
    <StateText kind={kind} icon={ICONS[name]} badge={badge}>
      {name}
    </StateText>
  );
}

interface StateTextProps {
  kind: Tone;
  children: string;
  icon?: LucideIcon | undefined;
  badge?: boolean;
}

export function StateText({ kind, children, icon, badge = false }: StateTextProps) {
  const Icon = icon ?? BY_TONE[kind];
  return (
    <span className={`state ${kind}${badge ? " badge" : ""}`}>
      <Icon size={14} strokeWidth={2.25} aria-hidden />
      {children}
    </span>
  );
}
