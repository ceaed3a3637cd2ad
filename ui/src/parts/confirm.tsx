// Asks before an act that cannot be undone. A question may have fields, whose values come with the answer.

import { Button, Modal, TextInput } from "@mantine/core";
import { createContext, type ReactNode, type SubmitEvent, use, useCallback, useState } from "react";

/** On so many things an act is confirmed by typing their number. */
const MANY = 100;

export interface Question {
  title: string;
  text: string;
  /** The text on the button that confirms. */
  yes?: string;
  /** True if the act destroys something. */
  danger?: boolean;
  /** How many things it changes. */
  count?: number;
  fields?: ReactNode;
}

/** What the fields hold, or null for no. */
type Ask = (question: Question) => Promise<FormData | null>;

const Asking = createContext<Ask>(async () => null);

/** Escape means no, like everything except the button that confirms. */
export const useConfirm = (): Ask => use(Asking);

interface Open extends Question {
  answer(given: FormData | null): void;
}

export function ConfirmProvider({ children }: { children: ReactNode }) {
  const [open, setOpen] = useState<Open | null>(null);
  const ask = useCallback<Ask>(question => {
    return new Promise<FormData | null>(done => {
      const answer = (given: FormData | null) => {
        setOpen(null);
        done(given);
      };
      setOpen({ ...question, answer });
    });
  }, []);
  return (
    <Asking value={ask}>
      {children}
      {open ? <Dialog {...open} /> : null}
    </Asking>
  );
}

function Dialog({ title, text, yes = "Confirm", danger = false, count = 1, fields, answer }: Open) {
  const [typed, setTyped] = useState("");
  const submit = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    answer(new FormData(event.currentTarget));
  };
  return (
    <Modal
      opened
      onClose={() => answer(null)}
      title={title}
      centered
      withCloseButton={false}
      lockScroll={false}
      transitionProps={{ duration: 0 }}
    >
      <form onSubmit={submit}>
        <p>{text}</p>
        {fields ? <div className="fields">{fields}</div> : null}
        {count > MANY ? (
          <TextInput
            label={`Type ${count} to confirm`}
            value={typed}
            autoComplete="off"
            onChange={event => setTyped(event.currentTarget.value)}
          />
        ) : null}
        <div className="row answers">
          <Button variant="default" data-autofocus={fields ? undefined : true} onClick={() => answer(null)}>
            Cancel
          </Button>
          <Button
            type="submit"
            disabled={count > MANY && typed.trim() !== String(count)}
            {...(danger ? { color: "red" } : {})}
          >
            {yes}
          </Button>
        </div>
      </form>
    </Modal>
  );
}
