"""Flows with what they must do, run on the real system through the API. A file in ``flows/`` is a kind; its cases run side by side."""

from __future__ import annotations

import asyncio

import pytest

from tests.conformance.flow_case import Case, cases, failures_of, kinds
from tests.support.api import Api, signed_in
from tests.support.system import System

pytestmark = [pytest.mark.processes, pytest.mark.servers, pytest.mark.slow]
AT_ONCE = 8


@pytest.mark.parametrize("kind", kinds())
async def test_flows_do_what_they_must(system: System, kind: str) -> None:
    found = cases(kind)
    turn = asyncio.Semaphore(AT_ONCE)

    async def run(api: Api, case: Case) -> list[str]:
        async with turn:
            try:
                return await failures_of(api, case)
            except (AssertionError, pytest.fail.Exception) as failure:
                return [f"{case.name}: {failure}"]

    async with signed_in(system) as api:
        for case in found:
            for source in case.sources():
                await api.save(source)
        failures = await asyncio.gather(*(run(api, case) for case in found))
    assert [each for failed in failures for each in failed] == []
