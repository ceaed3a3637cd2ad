// Says why an execution failed: shows the last error that its first failed task run logged.

import type { Execution, LogLine } from "../api/types.ts";
import { become, h } from "./dom.ts";
import { firstFailed, nameOf } from "./tree.ts";

/** The key of lines from the execution itself, not from a task run. */
const OWN = "";

export class Failure {
  readonly node = h("div", { class: "failure", role: "alert" });
  private readonly errors = new Map<string, string>();
  private execution: Execution | null = null;

  /** Called when the lines come again. */
  clear(): void {
    this.errors.clear();
  }

  hear(line: LogLine): void {
    if (line.level !== "ERROR") return;
    this.errors.set(line.taskRunId ?? OWN, line.message);
    this.show();
  }

  take(execution: Execution): void {
    this.execution = execution;
    this.show();
  }

  private show(): void {
    const told = this.execution && reasonOf(this.execution, this.errors);
    this.node.hidden = told === null;
    if (told === null) return;
    become(this.node, told.title + told.text, () => {
      const made = document.createDocumentFragment();
      made.append(h("strong", {}, told.title));
      if (told.text) made.append(h("p", { class: "problem mono" }, told.text));
      return made;
    });
  }
}

export interface Reason {
  title: string;
  /** Empty if its error line has not come yet, or if it logged none. */
  text: string;
}

/** Undefined unless it has failed. `errors` holds the last error of each task run by id. */
export function reasonOf(execution: Execution, errors: ReadonlyMap<string, string>): Reason | null {
  if (execution.state.current !== "FAILED") return null;
  const run = firstFailed(execution.taskRunList ?? []);
  const text = errors.get(run?.id ?? OWN) ?? errors.get(OWN) ?? "";
  return { title: run ? `${nameOf(run)} failed` : "The execution failed", text };
}
