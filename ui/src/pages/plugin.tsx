// What one type does, with its properties and examples, as this server has it.

import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { instance, path } from "../api/client.ts";
import { Markdown } from "../parts/markdown.tsx";
import { Name } from "../parts/name.tsx";
import { Card, Loaded, Page } from "../parts/page.tsx";
import { pluginRoute } from "../routes.ts";

export function PluginPage() {
  const { cls } = pluginRoute.useParams();
  const documentation = useQuery({
    queryKey: ["plugins", cls],
    queryFn: ({ signal }) => instance<{ markdown: string }>(`plugins/${path(cls)}`, signal),
    staleTime: Number.POSITIVE_INFINITY,
  });
  return (
    <Loaded of={documentation}>
      {({ markdown }) => (
        <Page
          title={cls}
          heading={<Name of={cls.split(".").at(-1) ?? cls} />}
          note={
            <>
              <Link to="/main/plugins">Plugins</Link>
              {" · "}
              <span className="mono">
                <Name of={cls} />
              </span>
            </>
          }
        >
          <Card>
            {/* Its first line is the name, which is the title of this page. */}
            <div className="wide-markdown">
              <Markdown level={2} text={markdown.replace(/^# .*\n+/, "")} />
            </div>
          </Card>
        </Page>
      )}
    </Loaded>
  );
}
