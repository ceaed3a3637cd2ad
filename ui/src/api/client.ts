// Calls the HTTP API of this server. Knows no page.

import { refusalText } from "./refusal.ts";
import { session } from "./session.ts";
import type { Refusal } from "./types.ts";

// With this referrer, the server's 401 does not open the browser's own sign-in dialog.
const OPTIONS: RequestInit = { referrer: "/ui/login", credentials: "same-origin" };
const ROOT = "/api/v1/";
const MAIN = `${ROOT}main/`;
const SIGN_IN = `${ROOT}login`;
const JSON_BODY = { "Content-Type": "application/json" };

export class ApiError extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

export const path = (...segments: string[]): string => segments.map(encodeURIComponent).join("/");

export const isAbort = (error: unknown): boolean =>
  error instanceof DOMException && error.name === "AbortError";

export const statusOf = (error: unknown): number => (error instanceof ApiError ? error.status : 0);

/** The answer. The caller knows its shape, which is in `types.ts`. */
export async function api<T>(target: string, options: RequestInit = {}): Promise<T> {
  const response = await ask(target, options);
  return response.json() as Promise<T>;
}

export const post = <T>(target: string, value: unknown, signal?: AbortSignal): Promise<T> =>
  sent<T>("POST", target, value, signal);

export const postText = <T>(target: string, text: string): Promise<T> =>
  api<T>(target, { method: "POST", body: text, headers: { "Content-Type": "text/plain" } });

export const put = <T>(target: string, value: unknown, signal?: AbortSignal): Promise<T> =>
  sent<T>("PUT", target, value, signal);

function sent<T>(method: string, target: string, value: unknown, signal?: AbortSignal): Promise<T> {
  return api<T>(target, {
    method,
    body: JSON.stringify(value),
    headers: JSON_BODY,
    signal: signal ?? null,
  });
}

export async function signIn(username: string, password: string): Promise<void> {
  await send(SIGN_IN, {
    method: "POST",
    headers: JSON_BODY,
    body: JSON.stringify({ username, password }),
  });
  session.begin();
}

export async function signOut(): Promise<void> {
  await send(`${ROOT}logout`, { method: "POST" });
  session.end();
}

export const ask = (target: string, options: RequestInit): Promise<Response> => send(MAIN + target, options);

/** An answer that belongs to no tenant, such as the documentation of plugins. */
export async function instance<T>(target: string, signal?: AbortSignal): Promise<T> {
  const response = await send(ROOT + target, { signal: signal ?? null });
  return response.json() as Promise<T>;
}

async function send(url: string, options: RequestInit): Promise<Response> {
  const headers = new Headers(options.headers);
  headers.set("X-CSRF-TOKEN", cookie("XSRF-TOKEN"));
  let response: Response;
  try {
    response = await fetch(url, { ...OPTIONS, ...options, headers });
  } catch (error) {
    if (isAbort(error)) throw error;
    throw new ApiError(0, "The server cannot be reached.");
  }
  if (response.status === 401 && url !== SIGN_IN) session.expire();
  if (!response.ok) throw await refused(response);
  return response;
}

async function refused(response: Response): Promise<ApiError> {
  const body = (await response.json().catch(() => ({}))) as Refusal;
  return new ApiError(response.status, refusalText(response.status, body));
}

function cookie(name: string): string {
  const found = document.cookie.split("; ").find(part => part.startsWith(`${name}=`));
  return found?.slice(name.length + 1) ?? "";
}
