import { expect, test } from "vitest";
import { eventsOf } from "../src/model/events.ts";

const place = (state: string, second: number) => ({ state, date: `2026-01-01T00:00:0${second}Z` });

test("the states of the execution and of its task runs stand in the order of time", () => {
  const state = (...histories: ReturnType<typeof place>[]) => ({
    current: "SUCCESS",
    histories,
    startDate: "2026-01-01T00:00:00Z",
  });
  const execution = {
    id: "e",
    namespace: "n",
    flowId: "f",
    flowRevision: 1,
    state: state(place("CREATED", 0), place("SUCCESS", 5)),
    taskRunList: [{ id: "t", taskId: "say", value: "a", state: state(place("RUNNING", 2)) }],
  };
  expect(eventsOf(execution).map(({ of, state }) => `${of}: ${state}`)).toEqual([
    "the execution: CREATED",
    "say [a]: RUNNING",
    "the execution: SUCCESS",
  ]);
});
