"""Languages that are another program of the worker: run where it is, refused with its name where it is not."""

from __future__ import annotations

from pathlib import Path
from shutil import which
from typing import Any

import pytest

from contracts.execution import AttemptEnded
from tests.support.attempt import Bench
from toccata.plugin import TaskType
from toccata.plugins.families.scripts import languages
from toccata.plugins.families.scripts.languages import (
    GO_SCRIPT,
    LANGUAGES,
    NODE_COMMANDS,
    NODE_SCRIPT,
    PERL_SCRIPT,
    POWERSHELL_SCRIPT,
    RUBY_SCRIPT,
)

DECLARED = [each for each in vars(languages).values() if isinstance(each, TaskType)]


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


async def run(bench: Bench, of: TaskType, **properties: Any) -> AttemptEnded:
    return await bench.run(of, properties, variables={"task": {"id": "t1", "type": of.name}})


def test_every_language_has_a_script_and_commands() -> None:
    names = {each.name for each in DECLARED}
    assert names == {
        f"io.kestra.plugin.scripts.{package}.{kind}"
        for package in LANGUAGES
        for kind in ("Script", "Commands")
    }


@pytest.mark.skipif(which("perl") is None, reason="no perl here")
async def test_a_script_runs_with_the_program_of_its_language(bench: Bench) -> None:
    ended = await run(bench, PERL_SCRIPT, script='print "::{\\"outputs\\":{\\"n\\":" . 6 * 7 . "}}::\\n";')
    assert ended.outcome == "succeeded", bench.messages
    assert ended.outputs["vars"] == {"n": 42}


async def test_a_program_in_the_working_directory_s_path_is_found(bench: Bench) -> None:
    """A stand-in for an interpreter: what counts is which line runs."""
    tools = bench.home / "tools"
    tools.mkdir()
    for name in ("node", "go", "ruby"):
        tool = tools / name
        tool.write_text(f'#!/bin/sh\necho "{name} $#"\n[ "$1" = run ] && shift\ncat "$1"\n')
        tool.chmod(0o755)
    env = {"PATH": f"{tools}:/usr/bin:/bin"}
    for of, arguments in ((NODE_SCRIPT, "node 1"), (GO_SCRIPT, "go 2"), (RUBY_SCRIPT, "ruby 1")):
        ended = await run(bench, of, script="the text of it", env=env)
        assert ended.outcome == "succeeded", bench.messages
        assert {("INFO", arguments), ("INFO", "the text of it")} <= set(bench.messages)


@pytest.mark.parametrize("of", [NODE_SCRIPT, POWERSHELL_SCRIPT])
async def test_a_missing_program_is_named(bench: Bench, of: TaskType) -> None:
    ended = await run(bench, of, script="1", env={"PATH": "/nowhere"})
    program = LANGUAGES[of.name.split(".")[-2]].argv[0]
    assert (ended.outcome, f"there is no `{program}` on this worker" in ended.message) == ("failed", True)


async def test_commands_are_shell_lines(bench: Bench) -> None:
    ended = await run(bench, NODE_COMMANDS, commands=["echo a", "echo b"])
    assert ended.outcome == "succeeded"
    assert {("INFO", "a"), ("INFO", "b")} <= set(bench.messages)
