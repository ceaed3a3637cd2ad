// Maps an address to a page.

export type Route =
  | { page: "flows" }
  | { page: "new-flow" }
  | { page: "flow" | "flow-editor"; namespace: string; id: string }
  | { page: "executions" | "triggers" | "logs" }
  | { page: "execution"; id: string }
  | { page: "none" };

export function routeOf(pathname: string): Route {
  const segments = pathname.replace(/^\/ui\/?(main\/)?/, "").split("/");
  const [kind, first, second, third, tab] = segments.filter(Boolean).map(decoded);
  if (kind === undefined || kind === "login") return { page: "flows" };
  if (kind === "executions")
    return third === undefined ? { page: "executions" } : { page: "execution", id: third };
  if (kind === "logs") return { page: "logs" };
  // The second address is that of the product whose users come here.
  if (kind === "triggers" || (kind === "admin" && first === "triggers")) return { page: "triggers" };
  if (kind !== "flows") return { page: "none" };
  if (first === "new") return { page: "new-flow" };
  if (first !== "edit" || second === undefined || third === undefined) return { page: "flows" };
  return { page: tab === "edit" ? "flow-editor" : "flow", namespace: second, id: third };
}

/** A typed address may be badly encoded. It is then used as it is, and matches nothing. */
function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
