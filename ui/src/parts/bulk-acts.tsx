// Acts on many executions at once.

import { NativeSelect } from "@mantine/core";
import { type Chosen, type ManyAct, onMany } from "../api/many.ts";
import type { Execution } from "../api/types.ts";
import { FINAL } from "../model/states.ts";
import type { BulkAct } from "./bulk.tsx";
import { LabelFields, labelsIn } from "./label-fields.tsx";

const idsOf = ({ items, query }: Chosen<Execution>) =>
  query === null ? items.map(each => each.id) : undefined;

const plain =
  (method: string, at: string) =>
  (chosen: Chosen<Execution>, params: ManyAct["params"] = {}): Promise<number> =>
    onMany({ method, at: `executions${at}`, by: "by-ids", params }, chosen, idsOf(chosen));

const restart = plain("POST", "/restart");
const replay = plain("POST", "/replay");
const resume = plain("POST", "/resume");
const kill = plain("DELETE", "/kill");
const changeStatus = plain("POST", "/change-status");
const remove = plain("DELETE", "");

function label(chosen: Chosen<Execution>, given: FormData): Promise<number> {
  const labels = labelsIn(given);
  const ids = idsOf(chosen);
  const body = ids ? { executionsId: ids, executionLabels: labels } : labels;
  return onMany({ method: "POST", at: "executions/labels", by: "by-ids" }, chosen, body);
}

export const EXECUTION_ACTS: readonly BulkAct<Execution>[] = [
  {
    name: "Restart",
    text: "Each continues where it stopped. Tasks that failed run again, with all their effects.",
    done: "restarted",
    work: chosen => restart(chosen),
  },
  {
    name: "Replay",
    text: "For each a new execution begins with the same inputs. All tasks run again, with all their effects.",
    done: "replayed",
    fields: (
      <NativeSelect
        name="revision"
        label="Revision"
        data={[
          { value: "", label: "the one that each ran" },
          { value: "latest", label: "the latest of its flow" },
        ]}
      />
    ),
    work: (chosen, given) => replay(chosen, given.get("revision") ? { latestRevision: "true" } : {}),
  },
  {
    name: "Resume",
    text: "Each that is paused goes on, with the defaults of what its pause asks for.",
    done: "resumed",
    work: chosen => resume(chosen),
  },
  {
    name: "Labels",
    text: "Each gets these labels. Its labels with other keys stay.",
    done: "labelled",
    fields: <LabelFields />,
    work: label,
  },
  {
    name: "Status",
    text: "Each shows this state from now on. Nothing runs because of it.",
    done: "changed",
    fields: <NativeSelect name="status" label="State" data={[...FINAL]} />,
    work: (chosen, given) => changeStatus(chosen, { newStatus: String(given.get("status")) }),
  },
  {
    name: "Kill",
    text: "Their running tasks are stopped, and those that have not begun never will. This cannot be undone.",
    done: "being killed",
    danger: true,
    work: chosen => kill(chosen),
  },
  {
    name: "Delete",
    text: "Their task runs, outputs, logs, metrics and files are deleted with them. This cannot be undone.",
    done: "deleted",
    danger: true,
    work: chosen => remove(chosen),
  },
];
