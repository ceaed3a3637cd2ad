// Begins: styles, what all pages share, and the page that the address names.

import "@fontsource-variable/inter/wght.css";
import "./style/mantine.css";
import "./style/tokens.css";
import "./style/base.css";
import "./style/shell.css";
import "./style/controls.css";
import "./style/tables.css";
import "./style/execution.css";

import { MantineProvider } from "@mantine/core";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { createRoot } from "react-dom/client";
import { statusOf } from "./api/client.ts";
import { session } from "./api/session.ts";
import { ConfirmProvider } from "./parts/confirm.tsx";
import { makeRouter } from "./router.tsx";
import { theme } from "./shell/theme.ts";

const queries = new QueryClient({
  defaultOptions: {
    queries: {
      // What the server refuses, it refuses again.
      retry: (failures, error) => failures < 2 && !(statusOf(error) >= 400 && statusOf(error) < 500),
    },
  },
});
session.subscribe(() => {
  if (session.now() === "in") void queries.invalidateQueries();
  if (session.now() === "out") queries.clear();
});

const root = document.getElementById("root");
if (!root) throw new Error("The page has no #root.");
createRoot(root).render(
  // The server's policy refuses style elements made of text, so the variables and classes come from style sheets.
  <MantineProvider theme={theme} defaultColorScheme="auto" withCssVariables={false} withGlobalClasses={false}>
    <QueryClientProvider client={queries}>
      <ConfirmProvider>
        <RouterProvider router={makeRouter()} />
      </ConfirmProvider>
    </QueryClientProvider>
  </MantineProvider>,
);
