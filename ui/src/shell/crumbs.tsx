// Where one is. The menu has the lists, so a list's own name is no link here.

import { Link, useParams, useRouterState } from "@tanstack/react-router";
import { PLACES } from "./menu.tsx";

export function Crumbs() {
  const pathname = useRouterState({ select: state => state.location.pathname });
  const { namespace, id, flowId } = useParams({ strict: false });
  const list = PLACES.find(({ to }) => pathname.startsWith(to))?.text;
  return (
    <nav className="crumbs" aria-label="Where you are">
      <ol>
        {list ? <li>{list}</li> : null}
        {pathname.endsWith("/flows/new") ? <li>New</li> : null}
        {namespace ? (
          <li>
            <Link to={flowId ? "/main/executions" : "/main/flows"} search={{ q: namespace }}>
              {namespace}
            </Link>
          </li>
        ) : null}
        {namespace && flowId ? (
          <li>
            <Link
              to="/main/flows/edit/$namespace/$id/{-$tab}"
              params={{ namespace, id: flowId, tab: undefined }}
            >
              {flowId}
            </Link>
          </li>
        ) : null}
        {id ? <li className={flowId ? "mono" : ""}>{id}</li> : null}
      </ol>
    </nav>
  );
}
