// Addresses of the pages.

import { h } from "./dom.ts";

export const at = (...segments: string[]): string => `/ui/main/${segments.map(encodeURIComponent).join("/")}`;

export const flowLink = (namespace: string, id: string, content: Node | string): HTMLElement =>
  h("a", { href: at("flows", "edit", namespace, id) }, content);

export const executionLink = (
  of: { namespace: string; flowId: string; id: string },
  content: Node | string,
): HTMLElement => h("a", { href: at("executions", of.namespace, of.flowId, of.id) }, content);
