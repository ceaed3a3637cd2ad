"""The life of standalone: it gets ready, recovers from kills, ends with its supervisor, and keeps its addresses."""

import asyncio
import json
import os
import re
import signal
import socket
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from toccata.standalone.secret import DATABASE_URL, read_secret

pytestmark = [pytest.mark.servers, pytest.mark.processes, pytest.mark.anyio, pytest.mark.timeout(240)]

SERVICES = {"web", "trigger-listener", "executor", "worker", "indexer"}
_LOOK_SECONDS = 0.05
ROOT = Path(__file__).parents[2]


class Standalone:
    def __init__(self, home: Path, process: asyncio.subprocess.Process) -> None:
        self.home = home
        self.process = process

    @property
    def run_file(self) -> dict[str, Any]:
        file = self.home / "run.json"
        return json.loads(file.read_text()) if file.exists() else {}

    async def until(self, what: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """Wait for its run file, which is the signal."""
        async with asyncio.timeout(180):
            while not what(content := self.run_file):
                assert self.process.returncode is None, await self.said()
                await asyncio.sleep(_LOOK_SECONDS)
        return content

    async def ready(self) -> dict[str, Any]:
        return await self.until(lambda content: content.get("pid") == self.process.pid and content["ready"])

    async def said(self) -> str:
        assert self.process.stdout is not None
        return (await self.process.stdout.read()).decode()


@asynccontextmanager
async def standalone(home: Path, **settings: str) -> AsyncIterator[Standalone]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "toccata.standalone"),
        env={**os.environ, "TOCCATA_HOME": str(home), **settings},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        yield Standalone(home, process)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


def a_free_port() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return str(probe.getsockname()[1])


def running(pid: int) -> bool:
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def assert_no_secret_in_environments(content: dict[str, Any], *secrets: str) -> None:
    """A script of the same user can read the environment of every process."""
    for name, pid in content["pids"].items():
        environment = Path(f"/proc/{pid}/environ")
        text = environment.read_text() if environment.exists() else ""
        assert not [secret for secret in secrets if secret in text], name
        assert "postgresql://" not in text, name


async def quick_start_of_readme(home: Path, port: str) -> None:
    """Run the commands of README as they stand there, but for the port and the data directory of this test."""
    shown = [
        line
        for line in (ROOT / "README.md").read_text().splitlines()
        if line.startswith(("curl -u", "alias toccata", "toccata run"))
    ]
    assert len(shown) == 4
    script = "\n".join(["shopt -s expand_aliases", "set -ex", *shown]).replace(":8080/", f":{port}/")
    # A checkout's environment need not be the one that runs this test.
    script = script.replace(".venv/bin/toccata", f"'{sys.executable} -m toccata.cli'")
    process = await asyncio.create_subprocess_exec(
        *("bash", "-c", script),
        cwd=ROOT,
        env={**os.environ, "TOCCATA_HOME": str(home)},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    async with asyncio.timeout(120):
        said = (await process.communicate())[0].decode()
    assert process.returncode == 0, said
    assert '"greeting":"Hello, you!"' in said, said


async def test_it_recovers_from_kills_and_keeps_its_addresses_over_a_stop(tmp_path: Path) -> None:
    port = a_free_port()
    secrets = {"SECRET_TOKEN": "c2VjcmV0"}
    async with standalone(tmp_path / "home", TOCCATA_WEB_PORT=port, **secrets) as first:
        content = await first.ready()
        assert content["url"] == f"http://localhost:{port}"
        async with httpx.AsyncClient() as client:
            shown = (await client.get(f"http://127.0.0.1:{port}/api/v1/configs")).json()
        assert shown["url"] == f"http://localhost:{port}/", "links name the host that the banner names"
        made = json.loads((tmp_path / "home" / "secrets" / "sign-in.json").read_text())
        async with httpx.AsyncClient(auth=(made["username"], made["password"])) as client:
            search = f"http://127.0.0.1:{port}/api/v1/main/flows/search"
            assert (await client.get(search)).status_code == 200
            assert (await client.get(search, auth=("admin@kestra.io", "Admin1234!"))).status_code == 401
        assert made["password"] not in (tmp_path / "home" / "run.json").read_text()
        await quick_start_of_readme(tmp_path / "home", port)
        before = content["pids"]
        assert before.keys() == SERVICES | {"kafka", "postgres"}
        assert_no_secret_in_environments(content, made["password"], "c2VjcmV0")

        killed = ("executor", "kafka", "postgres")
        for name in killed:
            os.kill(before[name], signal.SIGKILL)
        after = (
            await first.until(lambda now: all(now["pids"].get(n) not in {None, before[n]} for n in killed))
        )["pids"]
        assert {name for name in before if before[name] == after[name]} == before.keys() - set(killed)

        async with standalone(tmp_path / "home", TOCCATA_WEB_PORT=a_free_port()) as second:
            assert await second.process.wait() == 1
            assert f"pid {first.process.pid}" in await second.said()

        first.process.send_signal(signal.SIGINT)
        said = await first.said()
        assert await first.process.wait() == 0
        assert re.search(
            rf"(?s)ready at http://localhost:{port}.*admin@kestra\.io  {made['password']} .*Stopped", said
        )
        assert not any(running(pid) for pid in after.values())

    async with standalone(tmp_path / "home", TOCCATA_WEB_PORT=port) as again:
        now = await again.ready()
        for address in ("kafka_bootstrap_servers", "database_url", "url"):
            assert now[address] == content[address]
        assert json.loads((tmp_path / "home" / "secrets" / "sign-in.json").read_text()) == made
        again.process.kill()
        await again.process.wait()
        async with asyncio.timeout(20):
            # Processes that are nobody's children set no event.
            while any(running(pid) for pid in now["pids"].values()):  # noqa: ASYNC110
                await asyncio.sleep(_LOOK_SECONDS)


async def test_a_web_port_that_is_taken_is_named(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        async with standalone(tmp_path / "home", TOCCATA_WEB_PORT=port) as refused:
            assert await refused.process.wait() == 1
            assert re.search(rf"{port}.*TOCCATA_WEB_PORT", await refused.said())


async def test_servers_that_run_already_are_used_and_left_running(
    tmp_path: Path, kafka: str, postgres: str, topic_prefix: str
) -> None:
    real = {
        "TOCCATA_KAFKA_BOOTSTRAP_SERVERS": kafka,
        "TOCCATA_DATABASE_URL": postgres,
        "TOCCATA_KAFKA_TOPIC_PREFIX": topic_prefix,
    }
    async with standalone(tmp_path / "home", TOCCATA_WEB_PORT=a_free_port(), **real) as it:
        content = await it.ready()
        assert content["pids"].keys() == SERVICES
        assert content["kafka_bootstrap_servers"] == kafka
        assert read_secret(tmp_path / "home", DATABASE_URL) == postgres
        assert content["database_url"] == re.sub(r":[^:@]*@", "@", postgres), "run.json holds no password"
        it.process.send_signal(signal.SIGTERM)
        assert await it.process.wait() == 0
    assert not (tmp_path / "home" / "kafka").exists()
