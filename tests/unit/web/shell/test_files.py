"""Files of executions: what internal storage says, as callers hear it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from contracts.execution import History
from contracts.states import State
from services.web.core.live import Live
from services.web.core.problem import Problem
from services.web.core.view.preview import Asked
from services.web.shell.files import Files
from toccata.runtime.errors import StorageRefused, Transient

URI = "kestra:///team/f/executions/e/a.txt"


class Executions:
    async def get(self, _execution_id: str) -> Live:
        return Live("e", "team", "f", 1, 1, [History(State.CREATED, 0)])

    async def find(self, _execution_id: str) -> Live | None:
        return None


class Store:
    def __init__(self, content: bytes | Exception) -> None:
        self.content = content

    async def size(self, _uri: str) -> int:
        if isinstance(self.content, Exception):
            raise self.content
        return len(self.content)

    async def stream(self, _uri: str) -> AsyncIterator[bytes]:
        assert isinstance(self.content, bytes)
        for first in range(0, len(self.content), 1_000_000):
            yield self.content[first : first + 1_000_000]


def files(content: bytes | Exception) -> Files:
    return Files(Store(content), Executions())  # type: ignore[arg-type] # as much of them as files need


@pytest.mark.parametrize(
    ("error", "status"), [(StorageRefused("no such file"), 404), (Transient("away"), 503)]
)
async def test_storage_that_is_away_is_told_from_a_file_that_is_not_there(
    error: Exception, status: int
) -> None:
    with pytest.raises(Problem) as told:
        await files(error).size("e", URI)
    assert told.value.status == status


async def test_a_long_file_is_read_to_where_a_preview_ends() -> None:
    page = await files(b"x" * 3_000_000).preview("e", URI, Asked())
    assert (len(page["content"]), page["truncated"]) == (2 * 1024 * 1024, True)


async def test_a_picture_that_is_too_large_is_to_be_downloaded() -> None:
    with pytest.raises(Problem, match="download"):
        await files(b"x" * 11_000_000).preview("e", URI.replace("txt", "png"), Asked())
