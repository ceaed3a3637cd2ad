"""What a script, and another user of the machine, can learn from a standalone that runs: nothing."""

import asyncio
import os
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest

from tests.integration.test_standalone_life import Standalone, a_free_port, standalone
from toccata.runtime.isolation.choice import BEST_FIRST, why_not
from toccata.runtime.isolation.place import Place
from toccata.standalone.secret import DATABASE_URL, read_secret

pytestmark = [pytest.mark.servers, pytest.mark.processes, pytest.mark.anyio, pytest.mark.timeout(300)]

USERNAME, PASSWORD = "you@example.org", "Planted-sign-in-1"
FLOW_SECRET = "cGxhbnRlZC1mbG93LXNlY3JldA=="
PLANTED = {
    "TOCCATA_AUTH_USERNAME": USERNAME,
    "TOCCATA_AUTH_PASSWORD": PASSWORD,
    "SECRET_PLANTED": FLOW_SECRET,
    "SOME_TOKEN": "planted-token",
}
LOOK = """
id: look
namespace: doors
tasks:
  - id: everywhere
    type: io.kestra.plugin.scripts.shell.Commands
    failFast: false
    outputFiles: [found.txt]
    commands:
      - env >> found.txt
      - cat /proc/[0-9]*/environ /proc/[0-9]*/cmdline >> found.txt 2>/dev/null
      - for pid in /proc/[0-9]*; do cat $pid/root{{ vars.home }}/run.json $pid/cwd/run.json $pid/fd/* >> found.txt 2>/dev/null </dev/null & done; sleep 2; kill $(jobs -p) 2>/dev/null
      - find {{ vars.home }} -type f -not -path "$PWD/*" -exec cat {} + >> found.txt 2>/dev/null
      - echo looked >> found.txt
variables:
  home: HOME
"""


@pytest.fixture
def home() -> Iterator[Path]:
    """In a folder that everybody can enter. It was open to all before Toccata had it."""
    with tempfile.TemporaryDirectory(prefix="toccata-doors-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        home = Path(folder) / "home"
        home.mkdir(mode=0o755)
        yield home


async def test_scripts_and_other_users_of_the_machine_learn_nothing(home: Path) -> None:
    """One test, because a standalone takes long to start."""
    isolated = not all(why_not(each, Place(())) for each in BEST_FIRST)
    if not isolated and os.geteuid() != 0:
        pytest.skip("no isolation works on this machine, and only root can become another user")
    async with standalone(home, TOCCATA_WEB_PORT=a_free_port(), **PLANTED) as running:
        await running.ready()
        if isolated:
            await a_script_that_looks_everywhere_finds_no_planted_secret(running)
        if os.geteuid() == 0:
            for user in (12345, 65534):
                await another_user_gains_nothing(running, user)
            await the_ports_say_nothing(running.run_file, secrets_of(home))
        running.process.terminate()
        await running.process.wait()


def secrets_of(home: Path) -> list[str]:
    database = read_secret(home, DATABASE_URL) or ""
    database_password = database.rpartition("@")[0].rpartition(":")[2]
    assert len(database_password) > 10
    kept = [file.read_text() for file in (home / "secrets").iterdir()]
    return [PASSWORD, FLOW_SECRET, "planted-flow-secret", "planted-token", database_password, *kept]


async def a_script_that_looks_everywhere_finds_no_planted_secret(running: Standalone) -> None:
    content = running.run_file
    async with httpx.AsyncClient(base_url=content["url"], auth=(USERNAME, PASSWORD), timeout=120) as client:
        flow = LOOK.replace("HOME", str(running.home))
        saved = await client.post(
            "/api/v1/flows", content=flow, headers={"content-type": "application/x-yaml"}
        )
        assert saved.status_code == 200, saved.text
        ended = await client.post("/api/v1/executions/doors/look", params={"wait": "true"}, files={"x": ""})
        assert ended.status_code == 200, ended.text
    [found] = (running.home / "storage").rglob("*found.txt")
    text = found.read_bytes().decode(errors="replace")
    assert text.endswith("looked\n")
    assert [secret for secret in secrets_of(running.home) if secret in text] == []


async def another_user_gains_nothing(running: Standalone, user: int) -> None:
    content, home = running.run_file, running.home
    pids: dict[str, int] = {**content["pids"], "standalone": running.process.pid}

    assert tried(user, f"ls {home}; cat {home}/run.json {home}/secrets/* {home}/lock") == ""
    for name, pid in pids.items():
        looks = f"cat /proc/{pid}/environ /proc/{pid}/maps /proc/{pid}/root{home}/run.json /proc/{pid}/fd/*"
        assert tried(user, looks) == "", name
        if (name, user) != ("postgres", 65534):  # it runs as nobody when the standalone is root's
            assert tried(user, f"kill -0 {pid} && echo sent") == "", name
    sockets = "find / -xdev -user 0 -type s -path '*toccata*' -writable 2>/dev/null"
    assert tried(user, sockets) == ""


def tried(user: int, commands: str) -> str:
    ran = subprocess.run(
        ["/bin/sh", "-c", commands],
        user=user,
        group=user,
        extra_groups=[],
        cwd="/",
        env={"PATH": "/usr/bin:/bin"},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        check=False,
    )
    return ran.stdout.decode(errors="replace")


async def the_ports_say_nothing(content: dict[str, Any], secrets: list[str]) -> None:
    async with httpx.AsyncClient(timeout=30) as client:
        for path in ("/api/v1/flows/search", "/api/v1/executions/search", "/api/v1/main/flows/search"):
            assert (await client.get(content["url"] + path)).status_code == 401, path
        for service, health in content["health"].items():
            for path in ("/health/ready", "/prometheus", "/metrics", "/env", "/"):
                answer = (await client.get(health + path)).text
                assert not [secret for secret in secrets if secret in answer], (service, path)
    with pytest.raises(asyncpg.InvalidPasswordError):
        await asyncio.wait_for(asyncpg.connect(content["database_url"], password="guessed"), 30)
