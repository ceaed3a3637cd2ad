"""Checks passwords off the event loop, a few at a time, and remembers right ones. Programs send the password with each request,
and the check is slow on purpose, so a remembered one costs microseconds. Wrong ones are never remembered."""

from __future__ import annotations

import asyncio
import hmac
from collections import OrderedDict
from concurrent.futures import ThreadPoolExecutor
from hashlib import blake2b
from secrets import token_bytes

from services.web.core.access.state import Identity
from services.web.core.problem import too_many
from toccata.runtime.password import is_password

_THREADS = 2
_MOST_WAITING = 32
_REMEMBERED = 64
_LONGEST = 1_024


class PasswordCheck:
    def __init__(self, identity: Identity) -> None:
        self._identity = identity
        self._key = token_bytes(32)
        """Lives as long as the process: what is remembered is of no use to anybody who reads the memory later."""
        self._right: OrderedDict[bytes, None] = OrderedDict()
        self._threads = ThreadPoolExecutor(_THREADS, "password")
        self._waiting = 0

    def digest(self, username: str, password: str) -> bytes:
        pair = f"{len(username)}:{username}:{password}".encode(errors="surrogatepass")
        return blake2b(pair, key=self._key, digest_size=16).digest()

    def is_remembered(self, digest: bytes) -> bool:
        if digest not in self._right:
            return False
        self._right.move_to_end(digest)
        return True

    async def check(self, username: str, password: str, digest: bytes) -> bool:
        """Takes as long for a wrong name as for a wrong password. Raises Problem 429 if too many wait."""
        if self._waiting >= _MOST_WAITING:
            raise too_many("Too many sign-ins at the same time: try again", 1)
        self._waiting += 1
        try:
            loop = asyncio.get_running_loop()
            right = await loop.run_in_executor(
                self._threads, is_password, password[:_LONGEST], self._identity.password_hash
            )
        finally:
            self._waiting -= 1
        if not (right and self._is_name(username)):
            return False
        self._right[digest] = None
        if len(self._right) > _REMEMBERED:
            self._right.popitem(last=False)
        return True

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _is_name(self, username: str) -> bool:
        given, known = username.encode(errors="surrogatepass"), self._identity.name.encode()
        return hmac.compare_digest(given, known)
