"""The HTTP API as a caller's program uses it. Every answer must be good, unless the call expects a failure."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Mapping
from typing import Any

import httpx

from tests.support.system import System, within

API = "/api/v1/main"
ENDS = frozenset({"SUCCESS", "WARNING", "FAILED", "KILLED", "CANCELLED"})


class Api:
    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client = client

    async def save(self, source: str) -> None:
        """Import a flow, which creates or updates it."""
        answer = await self.client.post(
            f"{API}/flows/import", files={"fileUpload": ("flows.yaml", source.encode())}
        )
        assert answer.status_code == 200, answer.text
        assert answer.json() == [], answer.text

    async def execute(
        self,
        namespace: str,
        flow_id: str,
        inputs: Mapping[str, str] | None = None,
        *,
        wait: bool = False,
        headers: Mapping[str, str] | None = None,
        breakpoints: str = "",
    ) -> dict[str, Any]:
        answer = await self.try_execute(
            namespace, flow_id, inputs, wait=wait, headers=headers, breakpoints=breakpoints
        )
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    async def try_execute(
        self,
        namespace: str,
        flow_id: str,
        inputs: Mapping[str, str] | None = None,
        *,
        wait: bool = False,
        headers: Mapping[str, str] | None = None,
        breakpoints: str = "",
    ) -> httpx.Response:
        parts = {name: (None, value) for name, value in (inputs or {}).items()}
        return await self.client.post(
            f"{API}/executions/{namespace}/{flow_id}",
            params=({"wait": "true"} if wait else {}) | ({"breakpoints": breakpoints} if breakpoints else {}),
            files=parts or None,
            headers=headers,
        )

    async def get(self, execution_id: str) -> dict[str, Any]:
        """Return the execution's page. Ask again while web says that it is accepted but not visible yet."""

        async def ask() -> httpx.Response:
            found = await self.client.get(f"{API}/executions/{execution_id}")
            assert found.status_code != 503, found.text
            return found

        answer = await within(30, ask, AssertionError)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    async def reached(self, execution_id: str, state: str, seconds: float = 30) -> dict[str, Any]:
        """Return the execution's page once it shows this state."""

        async def look() -> dict[str, Any]:
            page = await self.get(execution_id)
            return page if page["state"]["current"] == state else {}

        return await within(seconds, look)

    async def ended(self, execution_id: str, seconds: float = 30) -> dict[str, Any]:
        """Return the execution's page once the projection shows its end."""

        async def look() -> dict[str, Any]:
            page = await self.get(execution_id)
            return page if page["state"]["current"] in ENDS else {}

        return await within(seconds, look)

    async def lines(self, execution_id: str) -> list[tuple[str, str]]:
        """Return level and message of each log line, in order."""
        answer = await self.client.get(f"{API}/logs/{execution_id}")
        assert answer.status_code == 200, answer.text
        return [(line["level"], line["message"]) for line in answer.json()]

    async def lines_with(
        self, execution_id: str, *messages: str, seconds: float = 15
    ) -> list[tuple[str, str]]:
        """Return the lines once these are among them, because logs are projected a moment after their events."""

        async def look() -> list[tuple[str, str]]:
            lines = await self.lines(execution_id)
            return lines if {message for _, message in lines}.issuperset(messages) else []

        return await within(seconds, look)


def states(page: Mapping[str, Any]) -> dict[str, str]:
    """Return the state of each task run by task id, ``task[value]`` within a loop."""
    return {
        run["taskId"] + (f"[{run['value']}]" if "value" in run else ""): run["state"]["current"]
        for run in page.get("taskRunList", [])
    }


def outputs(page: Mapping[str, Any], task_id: str) -> dict[str, Any]:
    """Return the outputs of the last run of this task."""
    found: list[dict[str, Any]] = [
        r.get("outputs", {}) for r in page["taskRunList"] if r["taskId"] == task_id
    ]
    return found[-1]


@contextlib.asynccontextmanager
async def signed_in(system: System) -> AsyncIterator[Api]:
    async with system.client() as client:
        yield Api(client)


def anonymous(system: System) -> httpx.AsyncClient:
    """Return a client that is not signed in."""
    return httpx.AsyncClient(base_url=system.url, timeout=60)
