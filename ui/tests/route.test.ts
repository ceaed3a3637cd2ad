import { createMemoryHistory, createRouter } from "@tanstack/react-router";
import { expect, test } from "vitest";
import { routeTree } from "../src/routes.ts";

/** The page of an address, after redirections, with the names that it takes from there. */
async function opened(address: string): Promise<[string, Record<string, string>]> {
  const router = createRouter({
    routeTree,
    basepath: "/ui",
    notFoundMode: "root",
    history: createMemoryHistory({ initialEntries: [address] }),
  });
  await router.load();
  const { redirect, matches, statusCode } = router.state;
  if (redirect) return [String(redirect.options.to), {}];
  const found = matches.at(-1);
  if (!found || statusCode === 404) return ["none", {}];
  const named = Object.entries(found.params).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]));
  return [found.routeId, Object.fromEntries(named) as Record<string, string>];
}

const FLOW = "/main/flows/edit/$namespace/$id/{-$tab}";
const EXECUTION = "/main/executions/$namespace/$flowId/$id/{-$tab}";

test.each([
  ["/ui/", "/main/flows", {}],
  ["/ui", "/main/flows", {}],
  ["/ui/main", "/main/flows", {}],
  ["/ui/main/login", "/main/flows", {}],
  ["/ui/main/flows", "/main/flows", {}],
  ["/ui/main/flows/new", "/main/flows/new", {}],
  ["/ui/main/flows/edit/a.b/c%2Fd", FLOW, { namespace: "a.b", id: "c/d" }],
  ["/ui/main/flows/edit/a.b/c/edit", FLOW, { namespace: "a.b", id: "c", tab: "edit" }],
  ["/ui/main/executions", "/main/executions", {}],
  ["/ui/main/executions/a.b/c/42", EXECUTION, { namespace: "a.b", flowId: "c", id: "42" }],
  ["/ui/main/executions/a.b/c/42/logs", EXECUTION, { namespace: "a.b", flowId: "c", id: "42", tab: "logs" }],
  ["/ui/main/logs", "/main/logs", {}],
  ["/ui/main/triggers", "/main/admin/triggers", {}],
  ["/ui/main/admin/triggers", "/main/admin/triggers", {}],
  ["/ui/main/nothing", "none", {}],
])("%s", async (address, page, named) => {
  expect(await opened(address)).toEqual([page, named]);
});
