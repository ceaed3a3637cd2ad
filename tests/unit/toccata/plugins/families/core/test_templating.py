"""``core.templating.TemplatedTask`` on the worker's own runner."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.attempt import Bench
from tests.support.example import example
from toccata.plugins.families.core.templating import TEMPLATED_TASK


async def test_it_runs_the_task_that_its_text_becomes(tmp_path: Path) -> None:
    ended = await Bench(tmp_path).run(
        TEMPLATED_TASK, example(TEMPLATED_TASK), variables={"inputs": {"text": "hello"}}
    )
    assert (ended.outcome, ended.outputs) == ("succeeded", {"value": "hello"})


async def test_what_all_tasks_have_is_not_for_the_inner_one(tmp_path: Path) -> None:
    spec = "id: inner\ntype: io.kestra.core.tasks.debugs.Return\nretry: {}\nformat: x"
    ended = await Bench(tmp_path).run(TEMPLATED_TASK, {"spec": spec})
    assert ended.outputs == {"value": "x"}


async def test_scripts_have_their_directory(tmp_path: Path) -> None:
    spec = "type: io.kestra.plugin.scripts.shell.Commands\ncommands: ['cd {{ workingDir }}', 'echo done']"
    bench = Bench(tmp_path)
    ended = await bench.run(TEMPLATED_TASK, {"spec": "{% raw %}" + spec + "{% endraw %}"})
    assert ended.outcome == "succeeded", bench.messages
    assert ("INFO", "done") in bench.messages


@pytest.mark.parametrize(
    ("spec", "says"),
    [
        ("[a", "is no YAML"),
        ("just words", "must be a map with a `type`"),
        ("format: x", "must be a map with a `type`"),
        ("type: io.kestra.plugin.core.flow.Parallel", "must be a runnable task"),
        ("type: nothing.of.the.Kind", "must be a runnable task"),
        ("type: io.kestra.plugin.core.templating.TemplatedTask\nspec: x", "cannot be of type"),
        ("type: io.kestra.plugin.core.debug.Return\nformat: '{{ missing }}'", "missing"),
        ("type: io.kestra.plugin.core.kv.Get", "key"),
    ],
)
async def test_what_is_no_task_fails_and_says_why(tmp_path: Path, spec: str, says: str) -> None:
    ended = await Bench(tmp_path).run(TEMPLATED_TASK, {"spec": "{% raw %}" + spec + "{% endraw %}"})
    assert ended.outcome == "failed"
    assert says in ended.message
