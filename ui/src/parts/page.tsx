// The frame of every page: its title, its head with what can be done, and what stands there while data is missing.

import { Button } from "@mantine/core";
import { type ReactNode, useEffect } from "react";
import { ApiError, statusOf } from "../api/client.ts";
import { Problem } from "./act.tsx";

interface PageProps {
  /** The title of the document. */
  title: string;
  heading: ReactNode;
  note?: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
}

export function Page({ title, heading, note, actions, children }: PageProps) {
  useTitle(title);
  return (
    <>
      <div className="head">
        <div>
          <h1>{heading}</h1>
          {note ? <div className="note">{note}</div> : null}
        </div>
        {actions ? <div className="row">{actions}</div> : null}
      </div>
      {children}
    </>
  );
}

export function useTitle(title: string): void {
  useEffect(() => {
    document.title = `${title} · Toccata`;
  }, [title]);
}

export function Card({
  title,
  actions,
  children,
}: {
  title?: string;
  actions?: ReactNode;
  children: ReactNode;
}) {
  return (
    <section className="card">
      {title ? (
        <div className="card-head">
          <h2>{title}</h2>
          {actions}
        </div>
      ) : null}
      {children}
    </section>
  );
}

/** What is said where there is nothing, and what to do next. */
export function Empty({ children, action }: { children: ReactNode; action?: ReactNode }) {
  return (
    <div className="empty">
      <p>{children}</p>
      {action}
    </div>
  );
}

export const Loading = () => <p className="note">Loading …</p>;

export function Failure({ error, retry }: { error: unknown; retry?: () => void }) {
  const gone = statusOf(error) === 404;
  useTitle(gone ? "Not found" : "Error");
  const told = gone ? new ApiError(404, "Nothing exists at this address, or it was deleted.") : error;
  return (
    <>
      <h1>{gone ? "Not found" : "That did not work"}</h1>
      <Problem error={told} />
      {retry ? (
        <Button variant="default" mt="md" onClick={retry}>
          Try again
        </Button>
      ) : null}
    </>
  );
}

interface Asked<T> {
  data: T | undefined;
  error: unknown;
  refetch: () => unknown;
}

/** Shows the data of a query, or that it is on its way, or why it cannot be had. */
export function Loaded<T>({ of, children }: { of: Asked<T>; children: (data: T) => ReactNode }) {
  if (of.data !== undefined) return children(of.data);
  if (of.error) return <Failure error={of.error} retry={() => void of.refetch()} />;
  return <Loading />;
}
