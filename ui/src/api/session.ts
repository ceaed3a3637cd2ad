// Whether somebody is signed in. The server alone decides; this remembers what it said last.

/** "expired" means that the page behind the sign-in stays, with what was typed there. */
export type Standing = "in" | "out" | "expired";

class Session {
  private standing: Standing = globalThis.document?.cookie.includes("XSRF-TOKEN=") ? "in" : "out";
  private readonly listeners = new Set<() => void>();

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  readonly now = (): Standing => this.standing;

  begin(): void {
    this.become("in");
  }

  expire(): void {
    if (this.standing === "in") this.become("expired");
  }

  end(): void {
    this.become("out");
  }

  private become(standing: Standing): void {
    this.standing = standing;
    for (const listener of this.listeners) listener();
  }
}

export const session = new Session();
