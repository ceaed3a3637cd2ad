import { expect, test } from "vitest";
import { type Frame, frames } from "../src/api/frames.ts";

function streamOf(...chunks: Uint8Array<ArrayBuffer>[]): ReadableStream<BufferSource> {
  return new ReadableStream({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(chunk);
      controller.close();
    },
  });
}

async function read(stream: ReadableStream<BufferSource>): Promise<Frame[]> {
  const found: Frame[] = [];
  for await (const frame of frames(stream)) found.push(frame);
  return found;
}

test("frames that the network cut anywhere, even within a letter, are put together", async () => {
  const bytes = new TextEncoder().encode(
    'id: start\ndata: {}\n\n: ping\n\nid: progress\ndata: {"a":"ä\\n"}\n\n',
  );
  const cut = [...bytes].map(byte => Uint8Array.of(byte));
  expect(await read(streamOf(...cut))).toEqual([
    { id: "start", data: {} },
    { id: "progress", data: { a: "ä\n" } },
  ]);
});

test("a frame that never came to its end is not told", async () => {
  expect(await read(streamOf(new TextEncoder().encode("id: end\ndata: {}\n")))).toEqual([]);
});
