// Splits a stream of server-sent events into events.

export interface Frame {
  id: string;
  data: unknown;
}

export async function* frames(body: ReadableStream<BufferSource>): AsyncGenerator<Frame> {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      const parts = (text + value).split("\n\n");
      text = parts.pop() ?? "";
      for (const part of parts) {
        const frame = parse(part);
        if (frame) yield frame;
      }
    }
  } finally {
    await reader.cancel().catch(() => {});
  }
}

/** Comments, which only keep the connection alive, are not events. */
function parse(text: string): Frame | null {
  const [, id, data] = /^id: (.*)\ndata: (.*)$/s.exec(text) ?? [];
  return id === undefined || data === undefined ? null : { id, data: JSON.parse(data) as unknown };
}
