"""Isolated scripts: what they cannot see, and that everything else works as before. Skipped where a mechanism is absent."""

from __future__ import annotations

import asyncio
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from shutil import which
from typing import Any

import psutil
import pytest

from contracts.execution import AttemptEnded
from tests.support.attempt import Bench, a_run
from toccata.plugins.families.scripts.types import PYTHON_SCRIPT, SHELL_COMMANDS
from toccata.runtime.isolation.choice import BEST_FIRST, Isolation, why_not
from toccata.runtime.isolation.mechanism import Account, Bare, Mechanism
from toccata.runtime.isolation.place import Place

pytestmark = pytest.mark.timeout(120)
_NEEDED = (0, 6, 7)
"""CAP_CHOWN, CAP_SETGID and CAP_SETUID."""
SECRET = "a-planted-secret"


@pytest.fixture(params=BEST_FIRST, ids=lambda each: each.name)
def mechanism(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Mechanism:
    found: Mechanism = request.param
    if found.name == "account" and not executable_by_all(Path(sys.executable)):
        monkeypatch.setattr(sys, "executable", which("python3", path="/usr/bin:/usr/local/bin"))
    reason = why_not(found, Place(()))
    if reason is not None:
        pytest.skip(f"{found.name} does not work on this machine: {reason}")
    return found


def may_change_users() -> bool:
    """Return whether this process has the rights, and the machine the programs, that the mechanism ``account`` asks for."""
    status = Path("/proc/self/status")
    if which("setpriv") is None or not status.exists():
        return False
    [rights] = [
        int(line.split()[1], 16) for line in status.read_text().splitlines() if line.startswith("CapEff")
    ]
    return all(rights >> number & 1 for number in _NEEDED)


async def test_what_is_to_be_hidden_and_is_not_there_is_not_made(
    mechanism: Mechanism, tmp_path: Path
) -> None:
    """The socket of an engine that was stopped: an empty file came in its place, or every script failed."""
    gone = tmp_path / "engine.sock"
    bench = Bench(tmp_path / "bench", isolation=Isolation(mechanism, Place((gone,)), {}))
    ended = await bench.run(SHELL_COMMANDS, {"commands": ["echo hi"]})
    assert ended.outcome == "succeeded", bench.messages
    assert not gone.exists()


@pytest.mark.skipif(not may_change_users(), reason="nobody may change users here")
def test_an_account_isolates_wherever_the_worker_may_change_users(monkeypatch: pytest.MonkeyPatch) -> None:
    """The others skip what does not isolate, so a mechanism that stopped doing so would fail nowhere else."""
    if not executable_by_all(Path(sys.executable)):
        monkeypatch.setattr(sys, "executable", which("python3", path="/usr/bin:/usr/local/bin"))
    assert why_not(Account(), Place(())) is None


@pytest.fixture
def bench(mechanism: Mechanism, tmp_path: Path) -> Bench:
    return isolated_bench(mechanism, tmp_path)


def isolated_bench(
    mechanism: Mechanism, tmp_path: Path, *, network: bool = True, memory_mb: int = 0
) -> Bench:
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    password = tmp_path / "password"
    password.write_text(SECRET)
    password.chmod(0o600)
    place = Place((home.resolve(), password.resolve()), network, memory_mb=memory_mb)
    bench = Bench(home, isolation=Isolation(mechanism, place, {}))
    bench.shared.directories.scratch = mechanism.scratch(bench.scratch.resolve())
    return bench


@pytest.fixture
def bystander() -> Iterator[int]:
    """A process of the same user with a secret in its environment."""
    argv = [sys.executable, "-c", "import sys; sys.stdin.read()"]
    with subprocess.Popen(argv, env={"TOKEN": SECRET}, stdin=subprocess.PIPE) as process:
        yield process.pid
        process.communicate()


async def shell(bench: Bench, *commands: str, **properties: Any) -> AttemptEnded:
    return await bench.run(SHELL_COMMANDS, {"commands": list(commands), **properties})


async def test_a_script_that_looks_everywhere_finds_no_planted_secret(
    bench: Bench, bystander: int, tmp_path: Path
) -> None:
    for place in ("home/run.json", "home/secrets/key", "home/worker/other/work/x/file", "home/storage/file"):
        (tmp_path / place).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / place).write_text(SECRET)
    await shell(
        bench,
        f"cat /proc/{bystander}/environ",
        f"cat /proc/{bystander}/root{tmp_path}/home/run.json",
        "cat /proc/[0-9]*/environ",
        f"find {tmp_path} -type f -exec cat {{}} +",
        f"cat {tmp_path}/password {tmp_path}/home/run.json",
        f"umount {tmp_path}/home; umount -l {tmp_path}/home; cat {tmp_path}/home/run.json",
        f"unshare --user --map-root-user --mount sh -c 'umount {tmp_path}/home; cat {tmp_path}/home/run.json'",
        "echo looked",
        failFast=False,
    )
    said = [message for _, message in bench.messages]
    assert any("looked" in message for message in said)
    assert not [message for message in said if SECRET in message]


async def test_without_isolation_the_same_script_finds_them(bystander: int, tmp_path: Path) -> None:
    """Shows that the test above can fail."""
    bench = Bench(tmp_path / "home")
    (tmp_path / "home" / "run.json").write_text(SECRET)
    await shell(bench, f"cat /proc/{bystander}/environ; echo", f"cat {tmp_path}/home/run.json")
    assert sum(SECRET in message for _, message in bench.messages) == 2


async def test_files_outputs_codes_and_the_kestra_module_work_as_before(bench: Bench) -> None:
    ended = await bench.run(
        PYTHON_SCRIPT,
        {
            "script": "from kestra import Kestra\n"
            "from pathlib import Path\n"
            "Kestra.outputs({'read': Path('in.txt').read_text()})\n"
            "Path('deep').mkdir()\n"
            "Path('deep/out.txt').write_text('kept')\n",
            "inputFiles": {"in.txt": "given"},
            "outputFiles": ["deep/*.txt"],
        },
    )
    assert ended.outcome == "succeeded", bench.messages
    assert ended.outputs["vars"] == {"read": "given"}
    assert await bench.storage.get(ended.outputs["outputFiles"]["deep/out.txt"]) == b"kept"
    assert (await shell(bench, "exit 7")).outputs["exitCode"] == 7
    assert (await shell(bench, "kill -9 $$")).outputs["exitCode"] == 137
    assert (await shell(bench, "kill -TERM $$")).outputs["exitCode"] == 143
    missing = await bench.run(SHELL_COMMANDS, {"commands": ["no-such-program"], "interpreter": []})
    assert missing.outcome == "failed"
    assert "cannot start no-such-program: No such file or directory" in [text for _, text in bench.messages]
    assert list(bench.shared.directories.scratch.iterdir()) == []


async def test_a_kill_lets_the_script_clean_up_and_leaves_no_process(bench: Bench, others: set[int]) -> None:
    commands = [
        "trap 'echo cleaned; exit 1' TERM",
        "(setsid sleep 1000 &)",
        "echo begun",
        "sleep 1000 & wait",
    ]
    runner = bench.runner(SHELL_COMMANDS, a_run(SHELL_COMMANDS.name, {"commands": commands}))
    running = asyncio.create_task(runner.run())
    begun = asyncio.Event()
    bench.outbox.on_post = lambda: begun.set() if ("INFO", "begun") in bench.messages else None
    async with asyncio.timeout(60):
        await begun.wait()
    inside = begun_since(others)
    assert inside
    runner.stop("cancelled")
    running.cancel()
    await running
    await runner.close()
    assert ("INFO", "cleaned") in bench.messages
    await nothing_left(inside)


async def test_a_time_out_ends_it(bench: Bench, others: set[int]) -> None:
    ended = await bench.run(SHELL_COMMANDS, {"commands": ["sleep 1000"]}, timeout_template="PT1S")
    assert ended.outcome == "timed_out"
    assert any("Timeout" in text for _, text in bench.messages)
    await nothing_left(begun_since(others))


async def test_the_network_can_be_taken_away(mechanism: Mechanism, tmp_path: Path) -> None:
    if mechanism.name == "account":
        pytest.skip("an account has the network of the machine")
    bench = isolated_bench(mechanism, tmp_path, network=False)
    with socket.create_server(("127.0.0.1", 0)) as server:
        connect = f"import socket\nsocket.create_connection(('127.0.0.1', {server.getsockname()[1]}), 5)"
        ended = await bench.run(PYTHON_SCRIPT, {"script": connect})
    assert ended.outcome == "failed"


async def test_files_of_a_script_are_open_to_others_as_its_umask_says(bench: Bench) -> None:
    await shell(bench, "umask")
    assert ("INFO", "0022") in bench.messages


async def test_a_script_cannot_take_more_memory_than_the_limit_nor_lift_it(
    mechanism: Mechanism, tmp_path: Path
) -> None:
    bench = isolated_bench(mechanism, tmp_path, memory_mb=400)
    small = await bench.run(PYTHON_SCRIPT, {"script": "b = bytearray(50_000_000)"})
    large = await bench.run(PYTHON_SCRIPT, {"script": "b = bytearray(500_000_000)"})
    await shell(bench, "(ulimit -d unlimited) || true; ulimit -d")
    assert (small.outcome, large.outcome) == ("succeeded", "failed")
    assert any("MemoryError" in text for _, text in bench.messages)
    assert ("INFO", "409600") in bench.messages


@pytest.mark.parametrize("memory_mb", [0, 300])
async def test_the_limit_holds_without_an_isolation_too(tmp_path: Path, memory_mb: int) -> None:
    bench = isolated_bench(Bare(), tmp_path, memory_mb=memory_mb)
    await shell(bench, "ulimit -d")
    assert ("INFO", str(memory_mb * 1024 or "unlimited")) in bench.messages


def executable_by_all(program: Path) -> bool:
    """A Python below a closed home directory is not."""
    return all(folder.stat().st_mode & stat.S_IXOTH for folder in program.resolve().parents)


@pytest.fixture(autouse=True)
def others() -> set[int]:
    """Return the processes that other tests left running: servers of the session."""
    return {each.pid for each in psutil.Process().children(recursive=True)}


def begun_since(others: set[int]) -> set[int]:
    return {each.pid for each in psutil.Process().children(recursive=True)} - others


async def nothing_left(pids: set[int]) -> None:
    deadline = time.monotonic() + 30
    while left := [pid for pid in pids if psutil.pid_exists(pid) and alive(pid)]:
        assert time.monotonic() < deadline, left
        await asyncio.sleep(0.02)


def alive(pid: int) -> bool:
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False
