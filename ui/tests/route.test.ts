import { createMemoryHistory, createRouter, isRedirect } from "@tanstack/react-router";
import { expect, test } from "vitest";
import { routeTree } from "../src/routes.ts";

/** The page of an address, after a redirection, with the names that it takes from there. */
function opened(address: string): [string, Record<string, string>] {
  const history = createMemoryHistory({ initialEntries: [address] });
  const router = createRouter({ routeTree, basepath: "/ui", history });
  const matches = router.matchRoutes(router.latestLocation);
  const found = matches.at(-1);
  const page = Object.values(router.routesById).find(route => route.id === found?.routeId);
  if (!found || !page) throw new Error(`${address} matches nothing`);
  try {
    (page.options.beforeLoad as (() => void) | undefined)?.();
  } catch (away) {
    if (isRedirect(away)) return [String(away.options.to), {}];
    throw away;
  }
  const named = Object.entries(found.params).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value]],
  );
  return [found.routeId, Object.fromEntries(named) as Record<string, string>];
}

const FLOW = "/main/flows/edit/$namespace/$id/{-$tab}";
const EXECUTION = "/main/executions/$namespace/$flowId/$id/{-$tab}";

test.each([
  ["/ui/", "/main/dashboards", {}],
  ["/ui", "/main/dashboards", {}],
  ["/ui/main", "/main/dashboards", {}],
  ["/ui/main/login", "/main/dashboards", {}],
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
  ["/ui/main/nothing", "/$", { _splat: "main/nothing", "*": "main/nothing" }],
])("%s", (address, page, named) => {
  expect(opened(address)).toEqual([page, named]);
});
