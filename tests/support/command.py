"""The command line as a process against a running system: what a person types, what they see, and the exit code."""

from __future__ import annotations

import asyncio
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.support.system import System

ROOT = Path(__file__).parents[2]
_SECONDS = 60


@dataclass
class Ran:
    code: int
    out: str
    err: str


async def toccata(
    system: System,
    *arguments: str,
    stdin: bytes = b"",
    stdout: Any = asyncio.subprocess.PIPE,
    **environment: str,
) -> Ran:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "toccata.cli", *arguments),
        stdin=asyncio.subprocess.PIPE,
        stdout=stdout,
        stderr=asyncio.subprocess.PIPE,
        cwd=ROOT,
        env={**system.environment, **environment},
    )
    try:
        async with asyncio.timeout(_SECONDS):
            out, err = await process.communicate(stdin)
    except TimeoutError:
        process.kill()
        await process.communicate()
        pytest.fail(f"`toccata {' '.join(arguments)}` did not end", pytrace=False)
    assert b"Traceback" not in err, err.decode()
    return Ran(process.returncode or 0, (out or b"").decode(), err.decode())


async def succeeded(system: System, *arguments: str, stdin: bytes = b"") -> str:
    ran = await toccata(system, *arguments, stdin=stdin)
    assert ran.code == 0, ran
    return ran.out


def greeting(name: str, more: str = "") -> str:
    return f"""id: {name}
namespace: cli.tests
inputs:
  - id: who
    type: STRING
    defaults: world
  - id: times
    type: INT
    defaults: 1
tasks:
  - id: hello
    type: io.kestra.plugin.core.log.Log
    message: "Hello, {{{{ inputs.who }}}}!"
{more}"""
