// The cell of a row whose thing can be deleted, once its reader has confirmed that.

import { Button } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { ask } from "../api/client.ts";
import { Problem, useAct } from "./act.tsx";
import { useConfirm } from "./confirm.tsx";
import { Cell } from "./table.tsx";

interface DeleteCellProps {
  name: string;
  /** What else comes of it. */
  text: string;
  /** The path to send the request to. */
  at: string;
  /** The key of the queries that show it. */
  shownBy: string[];
}

export function DeleteCell({ name, text, at, shownBy }: DeleteCellProps) {
  const { busy, error, run } = useAct();
  const confirmed = useConfirm();
  const queries = useQueryClient();
  const remove = async () => {
    if (!(await confirmed({ title: `Delete ${name}?`, text, danger: true }))) return;
    await ask(at, { method: "DELETE" });
    await queries.invalidateQueries({ queryKey: shownBy });
  };
  return (
    <Cell label="Acts">
      <Button
        size="compact-sm"
        variant="default"
        className="danger"
        loading={busy}
        onClick={() => void run(remove)}
      >
        Delete
      </Button>
      <Problem error={error} />
    </Cell>
  );
}
