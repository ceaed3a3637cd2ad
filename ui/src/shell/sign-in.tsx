// Asks for the sign-in. The page that was asked for stays behind it.

import { Button, TextInput } from "@mantine/core";
import { type SubmitEvent, useRef } from "react";
import { ApiError, signIn, statusOf } from "../api/client.ts";
import { Problem, useAct } from "../parts/act.tsx";
import { useTitle } from "../parts/page.tsx";
import { Brand } from "./brand.tsx";

export function SignIn({ again }: { again: boolean }) {
  useTitle("Sign in");
  const { busy, error, run } = useAct();
  const word = useRef<HTMLInputElement>(null);
  const submit = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    const given = new FormData(event.currentTarget);
    void run(async () => {
      try {
        await signIn(String(given.get("username")), String(given.get("password")));
      } catch (failure) {
        word.current?.select();
        throw statusOf(failure) === 401 ? new ApiError(401, "Wrong e-mail or password.") : failure;
      }
    });
  };
  return (
    <main className="sign-in">
      <section className="card">
        <Brand />
        <h1>Sign in</h1>
        {again ? <p className="note">Your session has ended. What you typed is still there.</p> : null}
        <form className="fields" onSubmit={submit}>
          <TextInput label="E-mail" name="username" type="email" autoComplete="username" required autoFocus />
          <TextInput
            ref={word}
            label="Password"
            name="password"
            type="password"
            autoComplete="current-password"
            required
          />
          <Problem error={error} />
          <Button type="submit" fullWidth loading={busy}>
            Sign in
          </Button>
        </form>
      </section>
    </main>
  );
}
