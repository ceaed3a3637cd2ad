// Links to the pages of flows and of executions.

import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { Name } from "./name.tsx";

interface OfFlow {
  namespace: string;
  id: string;
  children?: ReactNode;
}

export function FlowLink({ namespace, id, children }: OfFlow) {
  return (
    <Link to="/main/flows/edit/$namespace/$id/{-$tab}" params={{ namespace, id, tab: undefined }}>
      {children ?? <Name of={id} />}
    </Link>
  );
}

export interface ExecutionName {
  namespace: string;
  flowId: string;
  id: string;
}

export function ExecutionLink({ of, children }: { of: ExecutionName; children: ReactNode }) {
  const { namespace, flowId, id } = of;
  return (
    <Link
      to="/main/executions/$namespace/$flowId/$id/{-$tab}"
      params={{ namespace, flowId, id, tab: undefined }}
    >
      {children}
    </Link>
  );
}

export function NamespaceLink({ id }: { id: string }) {
  return (
    <Link to="/main/namespaces/edit/$id/{-$tab}" params={{ id, tab: undefined }}>
      <Name of={id} />
    </Link>
  );
}
