// The addresses of the pages, as Kestra has them, so that bookmarks and the API's links lead here. What each shows is in `router.tsx`.

import { createRootRoute, createRoute, redirect } from "@tanstack/react-router";

type Search<Names extends string> = { [Name in Names]?: string | undefined };

/** The words behind `?` that a page knows. Others are dropped. */
function search<Names extends string>(...names: Names[]) {
  return (given: Record<string, unknown>): Search<Names> => {
    const found: Search<Names> = {};
    for (const name of names) {
      const value = given[name];
      if (typeof value === "string" && value) found[name] = value;
    }
    return found;
  };
}

export const rootRoute = createRootRoute();

const route = <Path extends string>(path: Path) => createRoute({ getParentRoute: () => rootRoute, path });

const toHome = () => {
  throw redirect({ to: "/main/dashboards", replace: true });
};

export const homeRoute = createRoute({ getParentRoute: () => rootRoute, path: "/", beforeLoad: toHome });
export const tenantRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/main",
  beforeLoad: toHome,
});
export const loginRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/main/login",
  beforeLoad: toHome,
});

export const flowsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/main/flows",
  validateSearch: search("q", "page"),
});
export const newFlowRoute = route("/main/flows/new");
export const flowRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/main/flows/edit/$namespace/$id/{-$tab}",
  validateSearch: search("page", "q", "level", "revision", "metric", "by"),
});
export const executionsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/main/executions",
  validateSearch: search("q", "state", "range", "from", "to", "page"),
});
export const executionRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/main/executions/$namespace/$flowId/$id/{-$tab}",
  validateSearch: search("level", "page"),
});
export const logsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/main/logs",
  validateSearch: search("q", "level", "page"),
});
export const triggersRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/main/admin/triggers",
  validateSearch: search("q", "state", "page"),
});
export const dashboardsRoute = route("/main/dashboards");
export const namespacesRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/main/namespaces",
  validateSearch: search("q", "page"),
});
export const namespaceRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/main/namespaces/edit/$id/{-$tab}",
  validateSearch: search("page", "folder", "file"),
});
export const kvRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/main/kv",
  validateSearch: search("q", "page"),
});
export const secretsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/main/secrets",
  validateSearch: search("page"),
});
export const pluginsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/main/plugins",
  validateSearch: search("q"),
});
export const pluginRoute = route("/main/plugins/$cls");
export const oldTriggersRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/main/triggers",
  beforeLoad: () => {
    throw redirect({ to: "/main/admin/triggers", replace: true });
  },
});

export const settingsRoute = route("/main/preferences");

/** Every other address. */
export const elsewhereRoute = route("/$");

export const routeTree = rootRoute.addChildren([
  homeRoute,
  tenantRoute,
  loginRoute,
  flowsRoute,
  newFlowRoute,
  flowRoute,
  executionsRoute,
  executionRoute,
  logsRoute,
  triggersRoute,
  oldTriggersRoute,
  dashboardsRoute,
  namespacesRoute,
  namespaceRoute,
  kvRoute,
  secretsRoute,
  pluginsRoute,
  pluginRoute,
  settingsRoute,
  elsewhereRoute,
]);
