"""Script tasks as real processes, run by the worker's own runner."""

from __future__ import annotations

import asyncio
import os
import re
import sys
import threading
import time
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import psutil
import pytest

from contracts.execution import AttemptEnded
from tests.support.attempt import Bench, a_run
from toccata.plugins.families.scripts.run import process
from toccata.plugins.families.scripts.types import PYTHON_SCRIPT as PYTHON
from toccata.plugins.families.scripts.types import SHELL_COMMANDS as SHELL


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


async def shell(bench: Bench, *commands: str, **fields: Any) -> AttemptEnded:
    properties = {"commands": list(commands), **fields.pop("properties", {})}
    return await bench.run(SHELL, properties, **fields)


async def python(bench: Bench, script: str, **properties: Any) -> AttemptEnded:
    return await bench.run(PYTHON, {"script": script, **properties})


async def until(condition: Any, seconds: float = 10.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come true in time"
        await asyncio.sleep(0.01)


async def test_stdout_is_info_stderr_is_error_and_protocol_lines_are_outputs(bench: Bench) -> None:
    ended = await shell(
        bench,
        "echo out",
        "echo err >&2",
        """echo '::{"outputs":{"a":1,"b":2}}::'""",
        """echo '::{"outputs":{"c":3},"metrics":[{"name":"rows","type":"counter","value":3}]}::' >&2""",
        """echo '::{broken}::'""",
    )
    assert ended.outcome == "succeeded"
    assert ended.outputs == {"vars": {"a": 1, "b": 2, "c": 3}, "exitCode": 0, "outputFiles": {}}
    assert {("INFO", "out"), ("ERROR", "err")} <= set(bench.messages)
    warnings = [message for level, message in bench.messages if level == "WARN"]
    assert len(warnings) == 1
    assert warnings[0].startswith("Invalid outputs '::{broken}::'")
    assert len(bench.messages) == 3
    assert [(point.name, point.value) for point in bench.points] == [("rows", 3)]


async def test_the_kestra_module_speaks_the_protocol(bench: Bench) -> None:
    ended = await python(
        bench,
        "from kestra import Kestra\n"
        "Kestra.outputs({'n': 1})\n"
        "Kestra.counter('c', 2, {'t': 'x'})\n"
        "Kestra.timer('t', 1.5)\n"
        "Kestra.timer('f', lambda: None)\n"
        "Kestra.logger().warning('careful')\n",
    )
    assert ended.outputs["vars"] == {"n": 1}
    assert [(p.kind, p.name) for p in bench.points] == [("counter", "c"), ("timer", "t"), ("timer", "f")]
    assert bench.messages == [("WARN", "careful")]


async def test_an_installed_kestra_package_comes_before_ours(bench: Bench) -> None:
    files = {"kestra/__init__.py": "Kestra = 'the real one'"}
    await python(bench, "import kestra\nprint(kestra.Kestra)", inputFiles=files)
    assert bench.messages == [("INFO", "the real one")]


async def test_a_hundred_thousand_lines_arrive_in_order(bench: Bench) -> None:
    ended = await python(bench, "import sys\nsys.stdout.write(''.join(f'{n}\\n' for n in range(100_000)))")
    assert ended.outcome == "succeeded"
    assert [int(line.message) for line in bench.lines] == list(range(100_000))
    assert ended.started_at is not None
    assert ended.at - ended.started_at < 5_000


async def test_a_line_of_megabytes_becomes_several_and_nothing_is_lost(bench: Bench) -> None:
    await python(bench, "print('x' * 3_000_000)\nprint('after')")
    *parts, after = bench.messages
    assert "".join(message for _, message in parts) == "x" * 3_000_000
    assert all(len(message) <= 16 * 1024 for _, message in parts)
    assert after == ("INFO", "after")


async def test_bytes_that_are_no_text_are_shown_as_far_as_they_go(bench: Bench) -> None:
    await shell(bench, r"printf 'a\377b\n'")
    assert bench.messages == [("INFO", "a\ufffdb")]


async def test_another_exit_code_fails_and_keeps_outputs(bench: Bench) -> None:
    ended = await shell(bench, """echo '::{"outputs":{"a":1}}::'""", "exit 3")
    assert ended.outcome == "failed"
    assert ended.outputs == {"vars": {"a": 1}, "exitCode": 3, "outputFiles": {}}
    assert bench.messages == [("ERROR", "Command failed with exit code 3")]


async def test_a_signal_is_told_as_a_shell_does(bench: Bench) -> None:
    ended = await python(bench, "import os\nos.kill(os.getpid(), 9)")
    assert ended.outputs["exitCode"] == 137


async def test_the_first_failing_command_ends_it_unless_told_otherwise(bench: Bench) -> None:
    assert (await shell(bench, "false", "echo on")).outcome == "failed"
    assert bench.messages == [("ERROR", "Command failed with exit code 1")]
    ended = await shell(bench, "false", "echo on", properties={"failFast": False})
    assert ended.outcome == "succeeded"
    assert bench.messages[-1] == ("INFO", "on")


async def test_commands_share_one_shell_with_the_commands_before_them(bench: Bench) -> None:
    ended = await shell(bench, "echo $A $PWD", properties={"beforeCommands": ["A=1", "cd /"]})
    assert ended.outcome == "succeeded"
    assert bench.messages == [("INFO", "1 /")]


async def test_another_interpreter(bench: Bench) -> None:
    ended = await shell(
        bench, "print(1 + 1)", properties={"interpreter": [sys.executable, "-c"], "failFast": False}
    )
    assert ended.outcome == "succeeded"
    assert bench.messages == [("INFO", "2")]


async def test_a_program_that_is_not_there_is_named(bench: Bench) -> None:
    ended = await shell(bench, "x", properties={"interpreter": ["/no/such/shell", "-c"]})
    assert ended.outcome == "failed"
    assert "/no/such/shell" in ended.message


async def test_a_python_script_may_have_commands_before_it(bench: Bench) -> None:
    ended = await python(bench, "import os\nprint(os.environ['A'])", beforeCommands=["export A=1"])
    assert ended.outcome == "succeeded", bench.messages
    assert bench.messages == [("INFO", "1")]


async def test_environment_is_rendered_and_the_workers_own_settings_stay_private(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOCCATA_KAFKA_SASL_PASSWORD", "hush")
    env = {"A": "{{ n }}", "B": [1, {"c": True}], "C": True, "D": None}
    await shell(
        bench,
        "echo $A $B $C ${D-unset} ${TOCCATA_KAFKA_SASL_PASSWORD-unset}",
        'test "$PWD" = "$WORKING_DIR" && test "$PWD" = "{{ workingDir }}" && echo same',
        properties={"env": env},
        variables={"n": 5},
    )
    assert bench.messages == [("INFO", '5 [1,{"c":true}] true unset unset'), ("INFO", "same")]


async def test_input_files_are_text_or_copies_from_storage(bench: Bench) -> None:
    uri = await bench.storage.put("kestra:///company/team/x.txt", b"stored")
    files = {"d/a.txt": "text {{ n }}", "b.txt": uri, "e.txt": "", "none.txt": None, "j.json": {"a": 1}}
    await shell(
        bench,
        "cat d/a.txt; echo; cat b.txt; echo; wc -c < e.txt | tr -d ' '; test -e none.txt || echo none; cat j.json",
        properties={"inputFiles": files},
        variables={"n": 1},
    )
    assert [m for _, m in bench.messages] == ["text 1", "stored", "0", "none", '{"a":1}']


@pytest.mark.parametrize("name", ["../a", "/etc/a", "a/../../b", ""])
async def test_an_input_file_cannot_leave_the_working_directory(bench: Bench, name: str) -> None:
    ended = await shell(bench, "true", properties={"inputFiles": {name: "x"}})
    assert ended.outcome == "failed"
    assert "working directory" in ended.message


async def test_a_storage_uri_in_a_command_becomes_a_local_path(bench: Bench) -> None:
    uri = await bench.storage.put("kestra:///company/team/data.csv", b"a,b")
    ended = await shell(
        bench, "cat {{ uri }}", properties={"outputFiles": ["**/*.csv"]}, variables={"uri": uri}
    )
    assert bench.messages == [("INFO", "a,b")]
    assert ended.outputs["outputFiles"] == {}


async def test_a_storage_file_that_is_not_there_is_named(bench: Bench) -> None:
    ended = await shell(bench, "cat kestra:///no/such")
    assert ended.outcome == "failed"
    assert "kestra:///no/such" in ended.message


@pytest.mark.parametrize("code", [0, 1])
async def test_output_files_are_kept_whatever_the_exit_code(bench: Bench, code: int) -> None:
    ended = await shell(
        bench,
        "mkdir d; echo 1 > a.csv; echo 2 > d/b.csv; echo 3 > c.txt; ln -s /etc/hostname link.csv",
        f"echo {{{{ outputFiles['c.txt'] }}}}; exit {code}",
        properties={"outputFiles": ["*.csv", "d/b.csv", "c.txt"]},
    )
    files = ended.outputs["outputFiles"]
    assert sorted(files) == ["a.csv", "c.txt", "d/b.csv"]
    prefix = "kestra:///company/team/f/executions/e1/tasks/t1/tr1/"
    assert all(uri.startswith(prefix) for uri in files.values())
    assert await bench.storage.get(files["d/b.csv"]) == b"2\n"
    assert bench.messages[0][1].endswith("/c.txt")


async def test_everything_in_the_output_directory_is_kept(bench: Bench) -> None:
    ended = await shell(
        bench, "echo 1 > {{ outputDir }}/a; echo 2 > $OUTPUT_DIR/b", properties={"outputDirectory": True}
    )
    assert sorted(ended.outputs["outputFiles"]) == ["a", "b"]


async def test_the_working_directory_is_gone_afterwards_even_when_made_unreadable(bench: Bench) -> None:
    await shell(bench, "mkdir -p d/e; touch d/e/f; chmod 000 d/e d")
    assert list(bench.scratch.iterdir()) == []


async def test_dependencies_that_cannot_be_installed_fail_with_pips_words_in_the_log(bench: Bench) -> None:
    ended = await python(bench, "", dependencies=["./no-such-folder"], packageManager="PIP")
    assert ended.outcome == "failed"
    assert "./no-such-folder" in ended.message
    assert any(level == "DEBUG" and "no-such-folder" in message for level, message in bench.messages)


async def test_installing_dependencies_is_told_in_the_log_with_its_time(bench: Bench, tmp_path: Path) -> None:
    wheel = tmp_path / "seven-1.0-py3-none-any.whl"
    with ZipFile(wheel, "w") as archive:
        archive.writestr("seven.py", "NUMBER = 7\n")
        archive.writestr("seven-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: seven\nVersion: 1.0\n")
        archive.writestr(
            "seven-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        archive.writestr("seven-1.0.dist-info/RECORD", "")
    ended = await python(
        bench, "import seven; print(seven.NUMBER)", dependencies=[str(wheel)], packageManager="PIP"
    )
    assert ended.outcome == "succeeded", bench.messages
    said = [message for level, message in bench.messages if level == "INFO"]
    assert said[0] == f"Installing {wheel} with pip"
    assert re.fullmatch(rf"Installed {re.escape(str(wheel))} in \d+\.\d s", said[-2])
    assert said[-1] == "7"


FAMILY = """
import os, subprocess, sys, time
child = "import os, sys, time; open(sys.argv[1], 'w').write(str(os.getpid())); time.sleep(600)"
def start(name, **options):
    subprocess.Popen([sys.executable, "-c", child, name], **options)
start("same_group.pid")
start("own_session.pid", start_new_session=True)
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        os.execv(sys.executable, [sys.executable, "-c", child, "daemon.pid"])
    os._exit(0)
if STUBBORN:
    import signal
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
time.sleep(600)
"""
NAMES = ("same_group.pid", "own_session.pid", "daemon.pid")


def family_of(bench: Bench) -> list[int]:
    found = [path for name in NAMES for path in bench.scratch.glob(f"*/{name}")]
    return [int(text) for path in found if (text := path.read_text())]


def alive(pids: list[int]) -> list[int]:
    def lives(pid: int) -> bool:
        try:
            return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
        except psutil.NoSuchProcess:
            return False

    return [pid for pid in pids if lives(pid)]


async def test_a_kill_stops_the_whole_tree_with_daemons_and_other_sessions(bench: Bench) -> None:
    runner = bench.runner(PYTHON, a_run(PYTHON.name, {"script": FAMILY.replace("STUBBORN", "False")}))
    task = asyncio.ensure_future(runner.run())
    await until(lambda: len(family_of(bench)) == 3)
    family = family_of(bench)
    runner.stop("cancelled")
    task.cancel()
    await task
    await runner.close()
    assert runner.outcome == "cancelled"
    assert alive(family) == []
    assert list(bench.scratch.iterdir()) == []


async def test_a_time_out_stops_the_whole_tree_even_if_it_ignores_sigterm(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process, "KILL_GRACE_SECONDS", 0.3)
    run = a_run(PYTHON.name, {"script": FAMILY.replace("STUBBORN", "True")}, timeout_template="PT2S")
    runner = bench.runner(PYTHON, run)
    task = asyncio.ensure_future(runner.run())
    await until(lambda: len(family_of(bench)) == 3)
    family = family_of(bench)
    await task
    assert runner.outcome == "timed_out"
    assert bench.messages[-1] == ("ERROR", "Timeout after PT2S")
    assert alive(family) == []
    await runner.close()


async def test_last_words_after_sigterm_are_heard(bench: Bench) -> None:
    commands = ["trap 'echo bye; exit 0' TERM", "echo ready", "while true; do sleep 0.01; done"]
    run = a_run(SHELL.name, {"commands": commands})
    runner = bench.runner(SHELL, run)
    task = asyncio.ensure_future(runner.run())
    await until(lambda: ("INFO", "ready") in bench.messages)
    runner.stop("cancelled")
    task.cancel()
    await task
    assert ("INFO", "bye") in bench.messages
    await runner.close()


async def test_a_child_in_the_background_does_not_hold_the_task_and_ends_with_it(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process, "LINGER_SECONDS", 0.2)
    ended = await shell(bench, "sleep 600 & echo $!")
    assert ended.outcome == "succeeded"
    child = int(bench.messages[0][1])
    await until(lambda: not alive([child]))


async def test_a_script_may_open_its_streams_by_name(bench: Bench) -> None:
    ended = await shell(bench, "echo out > /dev/stdout; echo err | tee /dev/stderr > /dev/null")
    assert ended.outcome == "succeeded"
    assert set(bench.messages) == {("INFO", "out"), ("ERROR", "err")}


async def test_the_end_of_a_script_closes_no_descriptor_of_others(bench: Bench, tmp_path: Path) -> None:
    """Once a stream was closed twice, the second time when its number belonged to a file of another thread."""
    over, broken = threading.Event(), []

    def open_and_close() -> None:
        path = tmp_path / "mine"
        path.write_text("x")
        while not over.is_set():
            try:
                numbers = [os.open(path, os.O_RDONLY) for _ in range(20)]
                for number in numbers:
                    os.close(number)
            except OSError as error:
                broken.append(error)

    thread = threading.Thread(target=open_and_close)
    thread.start()
    try:
        for _ in range(60):
            await shell(bench, "true")
    finally:
        over.set()
        thread.join()
    assert broken == []


async def test_standard_input_is_empty(bench: Bench) -> None:
    ended = await shell(bench, "cat", "echo done")
    assert ended.outcome == "succeeded"
    assert bench.messages == [("INFO", "done")]


async def test_no_descriptor_of_the_worker_reaches_the_script(bench: Bench, tmp_path: Path) -> None:
    with (tmp_path / "private").open("w") as file:
        os.set_inheritable(file.fileno(), False)
        await python(
            bench,
            f"import os\ntry:\n os.fstat({file.fileno()}); print('open')\nexcept OSError: print('closed')",
        )
    assert bench.messages == [("INFO", "closed")]
