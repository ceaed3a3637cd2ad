// All types of tasks and triggers, with a search over their names and what they do.

import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { instance } from "../api/client.ts";
import type { PluginElement, PluginGroup } from "../api/types.ts";
import { counted } from "../model/words.ts";
import { Name } from "../parts/name.tsx";
import { Card, Empty, Loaded, Page } from "../parts/page.tsx";
import { SearchForm } from "../parts/search.tsx";
import { pluginsRoute } from "../routes.ts";

export const pluginsQuery = {
  queryKey: ["plugins"],
  queryFn: ({ signal }: { signal: AbortSignal }) => instance<{ results: PluginGroup[] }>("plugins", signal),
  staleTime: Number.POSITIVE_INFINITY,
};

export function PluginsPage() {
  const { q } = pluginsRoute.useSearch();
  const navigate = useNavigate({ from: pluginsRoute.fullPath });
  const plugins = useQuery(pluginsQuery);
  return (
    <Page
      title="Plugins"
      heading="Plugins"
      actions={
        <SearchForm
          words={q}
          placeholder="name, or what it does"
          look={words => void navigate({ search: { q: words } })}
        />
      }
    >
      <Loaded of={plugins}>{({ results }) => <Groups of={found(results, q)} q={q} />}</Loaded>
    </Page>
  );
}

interface Found {
  group: string;
  elements: readonly PluginElement[];
}

function found(groups: readonly PluginGroup[], q = ""): Found[] {
  const words = q.toLowerCase().split(/\s+/).filter(Boolean);
  const fits = ({ cls, title = "" }: PluginElement) => {
    const text = `${cls} ${title}`.toLowerCase();
    return words.every(word => text.includes(word));
  };
  return groups.flatMap(({ group, tasks, triggers, taskRunners }) => {
    const elements = [...tasks, ...triggers, ...taskRunners].filter(fits);
    return elements.length ? [{ group, elements }] : [];
  });
}

function Groups({ of, q }: { of: readonly Found[]; q: string | undefined }) {
  if (!of.length) return <Empty>{`No type matches “${q}”.`}</Empty>;
  const total = of.reduce((sum, { elements }) => sum + elements.length, 0);
  return (
    <>
      <p className="note">{counted(total, "type")}</p>
      <div className="groups">
        {of.map(({ group, elements }) => (
          <Card key={group} title={group.replace(/^io\.kestra\.plugin\./, "")}>
            <ul className="types">
              {elements.map(each => (
                <li key={each.cls}>
                  <Link to="/main/plugins/$cls" params={{ cls: each.cls }}>
                    <Name of={each.cls.split(".").at(-1) ?? each.cls} />
                  </Link>
                  <span className="note">
                    {each.title}
                    {each.deprecated ? " (deprecated)" : ""}
                  </span>
                </li>
              ))}
            </ul>
          </Card>
        ))}
      </div>
    </>
  );
}
