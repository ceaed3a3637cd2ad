"""A rendering that would never end is stopped within a service's own event loop, and the next one renders."""

from __future__ import annotations

import subprocess
import sys

import pytest

PROGRAM = """
import asyncio, sys, uvloop
from datetime import datetime, UTC
from contracts.language.expression.errors import ExpressionError
from contracts.language.expression.pattern import fits
from contracts.language.expression.scope import Scope
from contracts.language.expression.template import compile_template
from toccata.runtime.rendering_limit import interrupt_long_renderings

async def main(source):
    scope = Scope({"text": "x" * 100_000}, datetime(2026, 1, 1, tzinfo=UTC), 1)
    beats = []
    async def beat():
        while True:
            beats.append(1)
            await asyncio.sleep(0.01)
    beating = asyncio.create_task(beat())
    await asyncio.sleep(0.05)
    for _ in range(2):
        try:
            if source.startswith("{"):
                compile_template(source).render(scope)
            else:
                fits(source, "x" * 100_000)
        except ExpressionError as error:
            print(error.message)
    before = len(beats)
    await asyncio.sleep(0.3)
    assert len(beats) > before + 5
    print(compile_template("{{ 1 + 1 }}").render(scope))
    busy = sum(i * i for i in range(20_000_000))  # work that is no rendering is never interrupted
    beating.cancel()

interrupt_long_renderings()
uvloop.run(main(sys.argv[1]))
"""
ENDLESS = {
    "a polynomial pattern": "{{ text | regexMatch('(x*)(x*)(x*)(x*)[ay]') }}",
    "a validator": "x*x*x*x*x*[ay]",
}


@pytest.mark.parametrize("what", ENDLESS)
def test_what_would_take_for_ever_is_ended(what: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, ENDLESS[what]],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2_000:]
    first, second, good = done.stdout.splitlines()
    assert "processor time" in first
    assert "processor time" in second
    assert good == "2"


def test_a_process_with_much_to_free_at_its_end_is_not_killed_by_a_late_tick() -> None:
    program = """
from toccata.runtime.rendering_limit import interrupt_long_renderings
interrupt_long_renderings()
kept = [{n: [n]} for n in range(3_000_000)]
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, (done.returncode, done.stderr[-2_000:])
