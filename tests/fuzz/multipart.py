"""Form bodies: parts as clients send them, and their bytes, boundaries and heads changed. They are read as web reads an execution's
inputs; what cannot be read is a problem of the caller."""

from __future__ import annotations

import asyncio

from hypothesis import strategies as st
from starlette.requests import Request
from starlette.types import Message

from services.web.core.problem import Problem
from services.web.http.body import texts_and_files
from tests.fuzz.text import mutated

_LINE = "\r\n"
_HEADS = [
    'Content-Disposition: form-data; name="text"',
    'content-disposition: form-data; name="files"; filename="a.txt"',
    'Content-Disposition: form-data; name="f"; filename="../é\x00.bin"\r\nContent-Type: application/octet-stream',
    "Content-Disposition: form-data; name*=utf-8''%e2%82%ac; filename*=x",
    "Content-Disposition: attachment",
    "X: " + "y" * 5_000,
    "",
]
_BOUNDARIES = ["x", "----WebKitFormBoundary", "'", "-" * 70, "é", "x" * 300]


@st.composite
def _bodies(draw: st.DrawFn) -> tuple[str, bytes, int]:
    """A content type, a body, and how many bytes come at once."""
    boundary = draw(st.sampled_from(_BOUNDARIES))
    parts = draw(
        st.lists(
            st.tuples(st.sampled_from(_HEADS), st.sampled_from(["", "v", "v" * 9_000, "--x"])), max_size=4
        )
    )
    text = "".join(f"--{boundary}{_LINE}{head}{_LINE}{_LINE}{value}{_LINE}" for head, value in parts)
    whole = text + draw(st.sampled_from([f"--{boundary}--{_LINE}", f"--{boundary}--", "", "--"]))
    body = draw(st.one_of(st.just(whole), mutated(st.just(whole))))
    kind = draw(
        st.sampled_from(
            [
                f"multipart/form-data; boundary={boundary}",
                f'multipart/form-data; boundary="{boundary}"; charset=utf-16',
                "multipart/form-data; charset=nothing; boundary=x",
                "multipart/form-data",
                "multipart/form-data; boundary=",
                "application/x-www-form-urlencoded",
                "MULTIPART/FORM-DATA;;boundary=x;boundary=y",
            ]
        )
    )
    return kind, body.encode("utf-8", "surrogatepass"), draw(st.sampled_from([1, 7, 1_000, 1_000_000]))


EXAMPLES = _bodies()
DECLARED = (Problem,)
_LOOP = asyncio.new_event_loop()


def check(example: tuple[str, bytes, int]) -> None:
    _LOOP.run_until_complete(_read(*example))


async def _read(kind: str, body: bytes, step: int) -> None:
    chunks = [body[at : at + step] for at in range(0, len(body), step)] or [b""]
    messages = iter(enumerate(chunks, 1))

    async def receive() -> Message:
        number, chunk = next(messages)
        return {"type": "http.request", "body": chunk, "more_body": number < len(chunks)}

    headers = [(b"content-type", kind.encode("utf-8"))]
    request = Request(
        {"type": "http", "method": "POST", "path": "/", "headers": headers, "query_string": b""}, receive
    )
    try:
        texts, files = await texts_and_files(request)
        assert all(isinstance(value, str) for value in texts.values())
        for file in files.values():
            assert len(await file.read()) <= len(body)
    finally:
        await request.close()
