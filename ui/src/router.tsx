// Which page an address shows. Pages are loaded when they are opened; what is heavy in them, when it is shown.

import { createRouter, lazyRouteComponent, type RouterHistory } from "@tanstack/react-router";
import { Failure } from "./parts/page.tsx";
import {
  dashboardsRoute,
  elsewhereRoute,
  executionRoute,
  executionsRoute,
  flowRoute,
  flowsRoute,
  kvRoute,
  logsRoute,
  namespaceRoute,
  namespacesRoute,
  newFlowRoute,
  pluginRoute,
  pluginsRoute,
  rootRoute,
  routeTree,
  secretsRoute,
  settingsRoute,
  triggersRoute,
} from "./routes.ts";
import { NotFound } from "./shell/not-found.tsx";
import { Shell } from "./shell/shell.tsx";

rootRoute.update({ component: Shell });
elsewhereRoute.update({ component: NotFound });
flowsRoute.update({ component: lazyRouteComponent(() => import("./pages/flows.tsx"), "FlowsPage") });
newFlowRoute.update({
  component: lazyRouteComponent(() => import("./pages/flow-editor.tsx"), "NewFlowPage"),
});
flowRoute.update({ component: lazyRouteComponent(() => import("./pages/flow.tsx"), "FlowPage") });
executionsRoute.update({
  component: lazyRouteComponent(() => import("./pages/executions.tsx"), "ExecutionsPage"),
});
executionRoute.update({
  component: lazyRouteComponent(() => import("./pages/execution.tsx"), "ExecutionPage"),
});
logsRoute.update({ component: lazyRouteComponent(() => import("./pages/logs.tsx"), "LogsPage") });
triggersRoute.update({ component: lazyRouteComponent(() => import("./pages/triggers.tsx"), "TriggersPage") });

dashboardsRoute.update({ component: lazyRouteComponent(() => import("./pages/home.tsx"), "HomePage") });
namespacesRoute.update({
  component: lazyRouteComponent(() => import("./pages/namespaces.tsx"), "NamespacesPage"),
});
namespaceRoute.update({
  component: lazyRouteComponent(() => import("./pages/namespace.tsx"), "NamespacePage"),
});
kvRoute.update({ component: lazyRouteComponent(() => import("./pages/kv.tsx"), "KvPage") });
secretsRoute.update({ component: lazyRouteComponent(() => import("./pages/secrets.tsx"), "SecretsPage") });
pluginsRoute.update({ component: lazyRouteComponent(() => import("./pages/plugins.tsx"), "PluginsPage") });
pluginRoute.update({ component: lazyRouteComponent(() => import("./pages/plugin.tsx"), "PluginPage") });
settingsRoute.update({
  component: lazyRouteComponent(() => import("./pages/settings.tsx"), "SettingsPage"),
});

/** Words behind `?` stay as they are written: the router's own way would put quotation marks around numbers. */
const parseSearch = (text: string): Record<string, string> => Object.fromEntries(new URLSearchParams(text));

function stringifySearch(search: Record<string, unknown>): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(search)) if (typeof value === "string") query.set(name, value);
  return query.size ? `?${query}` : "";
}

export function makeRouter(history?: RouterHistory) {
  return createRouter({
    routeTree,
    basepath: "/ui",
    parseSearch,
    stringifySearch,
    scrollRestoration: true,
    defaultErrorComponent: ({ error, reset }) => <Failure error={error} retry={reset} />,
    ...(history ? { history } : {}),
  });
}

declare module "@tanstack/react-router" {
  interface Register {
    router: ReturnType<typeof makeRouter>;
  }
}
