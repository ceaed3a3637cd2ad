"""A newcomer's first flow: a file that curl imports, with more executions than its limit allows."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest

from tests.support.api import outputs, signed_in, states
from tests.support.life import watching

pytestmark = [pytest.mark.processes, pytest.mark.servers, pytest.mark.slow]

FILE = Path(__file__).parents[1] / "conformance" / "data" / "course" / "01_greeting.yaml"
TASKS = ["welcome", "table", "wait", "seat", "farewell"]


async def test_the_course_flow_imported_by_curl_runs_to_success_two_at_a_time(system):
    curl = await asyncio.create_subprocess_exec(
        *("curl", "--silent", "--show-error", "--fail-with-body", "-X", "POST", "-u", ":".join(system.auth)),
        *(f"{system.url}/api/v1/flows/import", "-F", f"fileUpload=@{FILE.name}"),
        cwd=FILE.parent,
        stdout=asyncio.subprocess.PIPE,
    )
    answer, _ = await asyncio.wait_for(curl.communicate(), 30)
    assert (curl.returncode, answer) == (0, b"[]")

    async with signed_in(system) as api, watching(system.kafka) as watch:
        began = time.monotonic()
        first = await api.execute("tests.course", "01_greeting")
        second = await api.execute("tests.course", "01_greeting", {"guest": "Ada"})
        for started in (first, second):
            await watch.until(started["id"], lambda seen: "wait" in seen.states())

        third = await api.execute("tests.course", "01_greeting", wait=True)
        assert time.monotonic() - began < 10
        assert third["state"]["current"] == "FAILED"
        assert states(third) == {}

        page = await api.ended(first["id"])
        took = time.monotonic() - began
        assert 12 <= took < 17
        assert page["state"]["current"] == "SUCCESS"
        assert [run["taskId"] for run in page["taskRunList"]] == TASKS
        assert set(states(page).values()) == {"SUCCESS"}
        assert outputs(page, "table") == {"value": "a table by the window"}
        said = await api.lines_with(first["id"], "See you, Mia!")
        assert [line for line in said if line[0] == "ERROR"] == [
            ("ERROR", "Welcome, Mia!"),
            ("ERROR", "You get a table by the window"),
            ("ERROR", "See you, Mia!"),
        ]
        await api.ended(second["id"])
        assert ("ERROR", "Welcome, Ada!") in await api.lines_with(second["id"], "See you, Ada!")
