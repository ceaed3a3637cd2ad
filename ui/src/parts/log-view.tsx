// Log lines as they come. Only those in view are drawn. While the reader is at the end, the newest line stays in view.

import { NativeSelect, TextInput } from "@mantine/core";
import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useMemo, useRef, useState } from "react";
import { type LiveView, MOST_LINES } from "../api/live.ts";
import type { LogLine } from "../api/types.ts";
import { LEVELS, logNote, sifted } from "../model/logs.ts";
import { ENDED, tone } from "../model/states.ts";
import { Moment } from "./moment.tsx";

/** The height of a line of one row, before it is measured. */
const LINE = 22;
const NEAR = 24;

interface LogViewProps {
  view: LiveView;
  least: string;
  setLeast: (level: string) => void;
  /** Fills the window, for the tab that shows nothing else. */
  tall?: boolean;
}

export function LogView({ view, least, setLeast, tall = false }: LogViewProps) {
  const [words, setWords] = useState("");
  const lines = useMemo(() => sifted(view.lines, { least, words }), [view.lines, least, words]);
  const over = ENDED.has(view.execution.state.current);
  const silent = view.count === 0 && over;
  const note = words.trim()
    ? `${lines.length} of ${view.lines.length} lines.`
    : logNote({ count: view.count, most: MOST_LINES, visible: lines.length > 0, least, over });
  return (
    <>
      <div className="card-head">
        <h2>Logs</h2>
        <div className="row">
          {tall ? (
            <TextInput
              size="xs"
              type="search"
              aria-label="Find in lines"
              placeholder="Find in lines"
              value={words}
              onChange={event => setWords(event.currentTarget.value)}
            />
          ) : null}
          <label className="inline" htmlFor="level">
            From level
          </label>
          <NativeSelect
            id="level"
            size="xs"
            data={LEVELS}
            value={least}
            onChange={event => setLeast(event.currentTarget.value)}
          />
        </div>
      </div>
      {note && (!silent || view.settled) ? <p className="note">{note}</p> : null}
      <Lines lines={lines} hidden={silent} tall={tall} />
    </>
  );
}

interface LinesProps {
  lines: readonly LogLine[];
  hidden: boolean;
  tall: boolean;
}

function Lines({ lines, hidden, tall }: LinesProps) {
  const box = useRef<HTMLDivElement>(null);
  const follows = useRef(true);
  const rows = useVirtualizer({
    count: lines.length,
    getScrollElement: () => box.current,
    estimateSize: () => LINE,
    overscan: 20,
  });
  useEffect(() => {
    if (follows.current && lines.length) rows.scrollToIndex(lines.length - 1, { align: "end" });
  }, [lines, rows]);
  const scrolled = () => {
    const { current } = box;
    if (current) follows.current = current.scrollHeight - current.scrollTop - current.clientHeight < NEAR;
  };
  return (
    <div
      ref={box}
      className={`log mono${tall ? " tall" : ""}`}
      role="log"
      aria-live="off"
      aria-label="Logs"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: who uses the keyboard scrolls it, too
      tabIndex={0}
      hidden={hidden}
      onScroll={scrolled}
    >
      <ol style={{ height: rows.getTotalSize() }}>
        {rows.getVirtualItems().map(({ index, key, start }) => {
          const line = lines[index];
          return line ? (
            <li
              key={key}
              ref={rows.measureElement}
              data-index={index}
              style={{ transform: `translateY(${start}px)` }}
            >
              <Moment at={line.timestamp} />
              <span className={`level ${tone(line.level)}`}>{line.level}</span>
              <span className="from">{line.taskId ?? "—"}</span>
              <span className="text">{line.message}</span>
            </li>
          ) : null;
        })}
      </ol>
    </div>
  );
}
