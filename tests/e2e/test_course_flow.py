"""The first flow of the course that people learn from: its own file, unmodified, and its own words on the command line."""

from __future__ import annotations

import asyncio
import time

import pytest

from tests.support.api import outputs, signed_in, states
from tests.support.conformance import conformance_dir
from tests.support.life import watching

pytestmark = [pytest.mark.processes, pytest.mark.servers, pytest.mark.slow]

FILE = conformance_dir() / "zoomcamp" / "01_hello_world.yaml"
TASKS = ["hello_message", "generate_output", "sleep", "log_output", "goodbye_message"]


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
        first = await api.execute("zoomcamp", "01_hello_world")
        second = await api.execute("zoomcamp", "01_hello_world", {"name": "Ada"})
        for started in (first, second):
            await watch.until(started["id"], lambda seen: "sleep" in seen.states())

        third = await api.execute("zoomcamp", "01_hello_world", wait=True)
        assert time.monotonic() - began < 10
        assert third["state"]["current"] == "FAILED"
        assert states(third) == {}

        page = await api.ended(first["id"])
        took = time.monotonic() - began
        assert 15 <= took < 20
        assert page["state"]["current"] == "SUCCESS"
        assert [run["taskId"] for run in page["taskRunList"]] == TASKS
        assert set(states(page).values()) == {"SUCCESS"}
        assert outputs(page, "generate_output") == {"value": "I was generated during this workflow."}
        said = await api.lines_with(first["id"], "Goodbye, Will!")
        assert [line for line in said if line[0] == "ERROR"] == [
            ("ERROR", "Hello, Will!"),
            ("ERROR", "This is an output: I was generated during this workflow."),
            ("ERROR", "Goodbye, Will!"),
        ]
        await api.ended(second["id"])
        assert ("ERROR", "Hello, Ada!") in await api.lines_with(second["id"], "Goodbye, Ada!")
