// What the limit of concurrent executions will do to the next one.

import { useQuery } from "@tanstack/react-query";
import { api, path } from "../api/client.ts";
import type { Flow } from "../api/types.ts";

const EVERY = 3000;
const WILL: Readonly<Record<string, string>> = {
  QUEUE: "is queued until one ends",
  CANCEL: "is cancelled",
  FAIL: "fails",
};

export function Slots({ flow: { namespace, id, concurrency } }: { flow: Flow }) {
  const limit = concurrency?.limit;
  const { data } = useQuery({
    queryKey: ["slots", namespace, id],
    queryFn: ({ signal }) => api<{ running: number }>(`concurrency-limit/${path(namespace, id)}`, { signal }),
    enabled: limit !== undefined,
    refetchInterval: EVERY,
  });
  if (limit === undefined || !data) return null;
  const will = WILL[concurrency?.behavior ?? "QUEUE"];
  const taken = `${data.running} of ${limit} slots ${data.running === 1 ? "is" : "are"} taken`;
  return (
    <p className="note">
      {data.running < limit ? `${taken}. The next one begins now.` : `${taken}. The next one ${will}.`}
    </p>
  );
}
