// Asks before an act that cannot be undone.

import { Button, Modal } from "@mantine/core";
import { createContext, type ReactNode, use, useCallback, useState } from "react";

export interface Question {
  title: string;
  text: string;
  /** The text on the button that confirms. */
  yes?: string;
  /** True if the act destroys something. */
  danger?: boolean;
}

type Ask = (question: Question) => Promise<boolean>;

const Asking = createContext<Ask>(async () => false);

/** Escape means no, like everything except the button that confirms. */
export const useConfirm = (): Ask => use(Asking);

interface Open extends Question {
  answer(yes: boolean): void;
}

export function ConfirmProvider({ children }: { children: ReactNode }) {
  const [open, setOpen] = useState<Open | null>(null);
  const ask = useCallback<Ask>(question => {
    return new Promise<boolean>(done => {
      const answer = (yes: boolean) => {
        setOpen(null);
        done(yes);
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

function Dialog({ title, text, yes = "Confirm", danger = false, answer }: Open) {
  return (
    <Modal
      opened
      onClose={() => answer(false)}
      title={title}
      centered
      withCloseButton={false}
      lockScroll={false}
      transitionProps={{ duration: 0 }}
    >
      <p>{text}</p>
      <div className="row answers">
        <Button variant="default" data-autofocus onClick={() => answer(false)}>
          Cancel
        </Button>
        <Button {...(danger ? { color: "red" } : {})} onClick={() => answer(true)}>
          {yes}
        </Button>
      </div>
    </Modal>
  );
}
