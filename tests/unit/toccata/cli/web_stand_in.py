"""A small HTTP server on a free port that answers as told: what the command line sees of web, and of what is not web."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Seen:
    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Answers:
    """``answer(seen)`` gives status and body; bodies of streams are sent without a length, then the connection ends."""

    answer: Callable[[Seen], tuple[int, bytes]]
    seen: list[Seen] = field(default_factory=list)
    url: str = ""


@contextmanager
def answering(answer: Callable[[Seen], tuple[int, bytes]]) -> Iterator[Answers]:
    answers = Answers(answer)

    class Handler(BaseHTTPRequestHandler):
        def _any(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            seen = Seen(self.command, self.path, {n.lower(): v for n, v in self.headers.items()}, body)
            answers.seen.append(seen)
            status, content = answers.answer(seen)
            self.send_response(status)
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_PUT = do_DELETE = _any  # noqa: N815 - the library's names

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name that the library calls
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    answers.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield answers
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
