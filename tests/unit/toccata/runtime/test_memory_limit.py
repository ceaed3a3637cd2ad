"""The limit that the system holds a process to."""

from __future__ import annotations

import subprocess
import sys

PROGRAM = """
import asyncio, sys
from datetime import UTC, datetime

import orjson
import uvloop

from contracts.language.expression.errors import ExpressionError
from contracts.language.expression.scope import Limits, Scope
from contracts.language.expression.template import compile_template
from toccata.runtime.memory_limit import limit_memory

async def main():
    limit_memory(int(sys.argv[1]))
    no_budget = Limits(max_bytes=10**12, max_output_chars=10**12, max_elements=10**12)
    scope = Scope({"text": "x" * 100_000_000}, datetime(2026, 1, 1, tzinfo=UTC), 1, limits=no_budget)
    try:
        compile_template("{{ [text ~ 1, text ~ 2, text ~ 3, text ~ 4, text ~ 5, text ~ 6] | length }}").render(scope)
        print("rendered")
    except ExpressionError as error:
        print(error.message)
    await asyncio.sleep(0.001)
    print(len(orjson.dumps(["x" * 1_000_000])))

uvloop.run(main())
"""


def run(mebibytes: int) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(mebibytes)],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return done.stdout.splitlines()


def test_a_rendering_that_meets_the_limit_fails_and_the_process_goes_on() -> None:
    first, second = run(400)
    assert "MemoryError" in first
    assert second == "1000004"


def test_without_a_limit_it_renders() -> None:
    assert run(0) == ["rendered", "1000004"]
