"""The engine's stream of a container's output: frames of stdout and stderr, each after a header of eight bytes. Pure."""

from __future__ import annotations

from typing import Literal

STDERR = 2
_HEADER = 8


class Frames:
    """Takes the stream in any pieces, and gives the bytes of each of the two. Holds no more than one header."""

    def __init__(self) -> None:
        self._header = b""
        self._left = 0
        self._is_error = False

    def feed(self, chunk: bytes) -> list[tuple[Literal["stdout", "stderr"], bytes]]:
        """A frame that comes in pieces is given in pieces."""
        found: list[tuple[Literal["stdout", "stderr"], bytes]] = []
        view = memoryview(chunk)
        while view:
            if not self._left:
                wanted = _HEADER - len(self._header)
                self._header, view = self._header + bytes(view[:wanted]), view[wanted:]
                if len(self._header) < _HEADER:
                    break
                self._is_error = self._header[0] == STDERR
                self._left, self._header = int.from_bytes(self._header[4:], "big"), b""
                continue
            part, view = view[: self._left], view[self._left :]
            self._left -= len(part)
            found.append(("stderr" if self._is_error else "stdout", bytes(part)))
        return found
