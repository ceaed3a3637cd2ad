// Splits a stream of server-sent events into events.

import { EventSourceParserStream } from "eventsource-parser/stream";

export interface Frame {
  id: string;
  data: unknown;
}

/** Comments, which only keep the connection alive, are not events. */
export async function* frames(body: ReadableStream<BufferSource>): AsyncGenerator<Frame> {
  const events = body.pipeThrough(new TextDecoderStream()).pipeThrough(new EventSourceParserStream());
  const reader = events.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield { id: value.id ?? "", data: JSON.parse(value.data) as unknown };
    }
  } finally {
    await reader.cancel().catch(() => {});
  }
}
