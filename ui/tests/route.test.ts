import { expect, test } from "vitest";
import { routeOf } from "../src/pages/route.ts";

test.each([
  ["/ui/", { page: "flows" }],
  ["/ui", { page: "flows" }],
  ["/ui/login", { page: "flows" }],
  ["/ui/main/flows", { page: "flows" }],
  ["/ui/main/flows/edit/a.b/c%2Fd", { page: "flow", namespace: "a.b", id: "c/d" }],
  ["/ui/main/flows/edit/a.b/c/edit", { page: "flow-editor", namespace: "a.b", id: "c" }],
  ["/ui/main/flows/new", { page: "new-flow" }],
  ["/ui/main/executions", { page: "executions" }],
  ["/ui/main/executions/a.b/c/42", { page: "execution", id: "42" }],
  ["/ui/main/logs", { page: "logs" }],
  ["/ui/main/triggers", { page: "triggers" }],
  ["/ui/main/admin/triggers", { page: "triggers" }],
  ["/ui/main/dashboards", { page: "none" }],
])("%s", (address, route) => {
  expect(routeOf(address)).toEqual(route);
});

test("an address that is badly encoded opens no other page", () => {
  expect(routeOf("/ui/main/%E0%A4%A")).toEqual({ page: "none" });
});
