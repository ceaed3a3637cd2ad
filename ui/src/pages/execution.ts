// One execution, live: its state, its task runs on a time axis, its logs.

import { api, ask, path, statusOf } from "../api/client.ts";
import { follow } from "../api/follow.ts";
import type { Execution, LogLine } from "../api/types.ts";
import { confirmed, type Question } from "../parts/confirm.ts";
import { become, h } from "../parts/dom.ts";
import { showFacts } from "../parts/facts.ts";
import { Failure } from "../parts/failure.ts";
import { press, problem, say } from "../parts/feedback.ts";
import { Gantt } from "../parts/gantt.ts";
import { at, flowLink } from "../parts/links.ts";
import { Logs } from "../parts/logs.ts";
import { nameText } from "../parts/name.ts";
import { Resume } from "../parts/resume.ts";
import { ENDED, stateMark } from "../parts/states.ts";
import { lasted, span, when } from "../parts/time.ts";
import type { PagePlace } from "./page.ts";

const RESTARTABLE: ReadonlySet<string> = new Set(["FAILED", "KILLED", "CANCELLED", "WARNING", "PAUSED"]);
const KILL: Question = {
  title: "Kill this execution?",
  text: "Its running tasks are stopped, and those that have not begun never will. This cannot be undone.",
  yes: "Kill the execution",
  danger: true,
};
const RESTART: Question = {
  title: "Restart this execution?",
  text: "It continues where it stopped. Tasks that succeeded do not run again. Tasks that failed do, with all their effects.",
  yes: "Restart the execution",
};
const REPLAY: Question = {
  title: "Replay this execution?",
  text: "A new execution begins with the same inputs. All its tasks run again, with all their effects.",
  yes: "Replay the execution",
};
const REMOVE: Question = {
  title: "Delete this execution?",
  text: "Its task runs, outputs, logs, metrics and files are deleted with it. This cannot be undone.",
  yes: "Delete the execution",
  danger: true,
};
const BEAT = 250;
/** Logs are followed for a while after the end, because the last lines come a little later than the last state. */
const LAST_LINES = 5000;

export async function executionPage(place: PagePlace, id: string): Promise<void> {
  const first = await api<Execution>(`executions/${path(id)}`, { signal: place.signal });
  new ExecutionView(place, first).open();
}

class ExecutionView {
  private readonly place: PagePlace;
  private now: Execution;
  private readonly gantt = new Gantt();
  private readonly logs = new Logs();
  private readonly failure = new Failure();
  private readonly badge = h("span");
  private readonly clock = h("span", { class: "number" });
  private readonly kill: HTMLButtonElement;
  private readonly restart: HTMLButtonElement;
  private readonly replay: HTMLButtonElement;
  private readonly remove: HTMLButtonElement;
  private readonly resume: Resume;
  private readonly answer = h("div");
  private readonly lost = h("p", { class: "problem", role: "status" });
  private readonly facts = h("dl");
  private reading: AbortController | null = null;
  private silence: ReturnType<typeof setTimeout> | undefined;

  constructor(place: PagePlace, first: Execution) {
    this.place = place;
    this.now = first;
    const kill = () => void this.ask(KILL, this.kill, "DELETE", "kill");
    const restart = () => void this.ask(RESTART, this.restart, "POST", "restart");
    this.kill = h("button", { class: "danger", type: "button", onclick: kill }, "Kill");
    this.restart = h("button", { class: "quiet", type: "button", onclick: restart }, "Restart");
    const again = () => void this.repeat();
    this.replay = h("button", { class: "quiet", type: "button", onclick: again }, "Replay");
    const remove = () => void this.delete();
    this.remove = h("button", { class: "danger", type: "button", onclick: remove }, "Delete");
    this.resume = new Resume(first.id, place.signal, now => this.take(now));
  }

  open(): void {
    this.place.show(
      `${this.now.flowId} ${this.now.id}`,
      this.head(),
      this.answer,
      this.lost,
      this.failure.node,
      this.resume.node,
      h("section", { class: "card" }, h("h2", {}, "Task runs"), this.gantt.node),
      h("section", { class: "card" }, this.logs.node),
      h("section", { class: "card" }, h("h2", {}, "Details"), this.facts),
    );
    this.take(this.now);
    void this.follow();
    const beat = setInterval(() => {
      if (this.place.signal.aborted) clearInterval(beat);
      else this.tick();
    }, BEAT);
  }

  private head(): HTMLElement {
    const { id, namespace, flowId, flowRevision, state } = this.now;
    const note = h("p", { class: "note" }, nameText(namespace), ` · revision ${flowRevision} · `);
    note.append(h("span", { class: "mono id" }, id), " · started ", when(state.startDate));
    return h(
      "div",
      { class: "head" },
      h("div", {}, h("h1", {}, flowLink(namespace, flowId, nameText(flowId))), note),
      h("div", { class: "row" }, this.badge, this.clock, this.restart, this.replay, this.kill, this.remove),
    );
  }

  private async follow(): Promise<void> {
    const { signal } = this.place;
    clearTimeout(this.silence);
    this.silence = undefined;
    this.readLogs();
    const take = {
      start: () => become(this.lost, ""),
      event: (now: Execution) => this.take(now),
      lost: () => this.losing(),
    };
    const target = `executions/${path(this.now.id)}/follow`;
    await follow<Execution>(target, signal, take).catch(error => this.failed(error));
    this.waitForSilence();
  }

  private readLogs(): void {
    if (this.reading) return;
    const reading = new AbortController();
    this.reading = reading;
    const take = {
      start: () => {
        become(this.lost, "");
        this.logs.clear();
        this.failure.clear();
      },
      event: (line: LogLine) => {
        this.logs.add(line);
        this.failure.hear(line);
        if (this.silence !== undefined) this.waitForSilence();
      },
      lost: () => this.losing(),
    };
    const signal = AbortSignal.any([reading.signal, this.place.signal]);
    void follow<LogLine>(`logs/${path(this.now.id)}/follow`, signal, take)
      .catch(error => this.failed(error))
      .finally(() => {
        this.reading = null;
      });
  }

  private waitForSilence(): void {
    clearTimeout(this.silence);
    this.silence = setTimeout(() => this.reading?.abort(), LAST_LINES);
  }

  private losing(): void {
    become(this.lost, "Connection lost. Trying again …");
  }

  private failed(error: unknown): void {
    if (statusOf(error) === 401) this.place.failed(error);
    else this.answer.replaceChildren(problem(error));
  }

  /** The answer to a button may come after the events that it caused, so states are only added. */
  private take(now: Execution, least = this.now.state.histories.length): void {
    if (now.state.histories.length < least) return;
    const before = this.now.state.current;
    const { current } = now.state;
    this.now = now;
    become(this.badge, current, () => stateMark(current, true));
    if (before !== current) say(`Execution is ${current}`);
    this.kill.hidden = ENDED.has(current);
    this.restart.hidden = !RESTARTABLE.has(current);
    this.replay.hidden = this.remove.hidden = !ENDED.has(current);
    this.resume.take(now).catch(error => this.failed(error));
    this.logs.ended(ENDED.has(current));
    this.failure.take(now);
    this.gantt.take(now);
    showFacts(this.facts, now);
    this.tick();
  }

  private tick(): void {
    become(this.clock, lasted(span(this.now.state)));
    this.gantt.tick();
  }

  private async ask(
    question: Question,
    button: HTMLButtonElement,
    method: string,
    action: string,
  ): Promise<void> {
    if (await confirmed(question)) await this.act(button, method, action);
  }

  private async repeat(): Promise<void> {
    if (!(await confirmed(REPLAY))) return;
    await press(this.replay, this.answer, async () => {
      const target = `executions/${path(this.now.id)}/actions/replay`;
      const begun = await api<Execution>(target, { method: "POST", signal: this.place.signal });
      this.place.go(at("executions", begun.namespace, begun.flowId, begun.id));
    });
  }

  private async delete(): Promise<void> {
    if (!(await confirmed(REMOVE))) return;
    await press(this.remove, this.answer, async () => {
      await ask(`executions/${path(this.now.id)}`, { method: "DELETE", signal: this.place.signal });
      this.place.go(at("executions"));
    });
  }

  private act(button: HTMLButtonElement, method: string, action: string): Promise<void> {
    return press(button, this.answer, async () => {
      const target = `executions/${path(this.now.id)}/actions/${action}`;
      const now = await api<Execution>(target, { method, signal: this.place.signal });
      this.take(now, this.now.state.histories.length + 1);
      if (action === "restart") void this.follow();
    });
  }
}
