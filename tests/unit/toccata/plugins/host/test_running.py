from __future__ import annotations

import asyncio
import sys
import threading
from pathlib import Path

import pytest

from tests.support.attempt import Bench
from toccata.plugin import Properties, TaskType
from toccata.plugins.host.running import found


@pytest.fixture
def late(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A module that nobody has imported."""
    name = "toccata_test_late"
    (tmp_path / f"{name}.py").write_text(
        "async def run(task, run):\n    return {'ran': True}\n"
        "async def heavy(task, run):\n    import no_such_library\n"
    )
    (tmp_path / f"{name}_heavy.py").write_text("import no_such_library\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, name, raising=False)
    return name


def a_type(run: str, extra: str | None = None) -> TaskType:
    return TaskType(name="test.Late", title="Late", properties=Properties, run=run, extra=extra)


async def test_the_code_of_a_task_is_imported_when_it_runs(late: str, tmp_path: Path) -> None:
    declared = a_type(f"{late}:run")
    assert late not in sys.modules
    ended = await Bench(tmp_path).run(declared, {})
    assert ended.outputs == {"ran": True}
    assert late in sys.modules


@pytest.mark.parametrize("place", ["{}:heavy", "{}_heavy:run"])
async def test_a_missing_library_is_told_with_what_to_install(late: str, tmp_path: Path, place: str) -> None:
    ended = await Bench(tmp_path).run(a_type(place.format(late), "toccata[late]"), {})
    assert ended.outcome == "failed"
    assert ended.message == (
        "test.Late needs `no_such_library`, which this worker does not have. "
        "Install it there: pip install 'toccata[late]'"
    )


async def test_code_that_is_not_there_fails_the_task_with_the_reason(late: str, tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    gone = await bench.run(a_type("no_such_module:run"), {})
    assert gone.message == "the code of test.Late does not load: No module named 'no_such_module'"
    nameless = await bench.run(a_type(f"{late}:no_such_function"), {})
    assert nameless.message.startswith("the code of test.Late does not load: AttributeError")


async def test_attempts_that_begin_while_the_code_is_imported_wait_for_it(
    late: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    entered, go = threading.Event(), threading.Event()
    monkeypatch.setattr(sys, "toccata_test_import", (entered, go), raising=False)
    slow = f"{late}_slow"
    (tmp_path / f"{slow}.py").write_text(
        "import sys\nentered, go = sys.toccata_test_import\nentered.set()\nassert go.wait(30)\n"
        "async def run(task, run):\n    return {'ran': True}\n"
    )
    declared = a_type(f"{slow}:run")
    first = asyncio.ensure_future(found(declared, declared.run))
    assert await asyncio.to_thread(entered.wait, 30)
    others = [asyncio.ensure_future(found(declared, declared.run)) for _ in range(3)]
    await asyncio.wait(others, timeout=0)
    go.set()
    assert {function.__name__ for function in await asyncio.gather(first, *others)} == {"run"}
