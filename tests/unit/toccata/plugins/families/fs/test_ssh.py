"""Commands over SSH, with a real server (asyncssh) that runs them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import asyncssh
import pytest

from tests.support.attempt import Bench
from tests.support.example import example
from tests.support.outcome import good
from tests.unit.toccata.plugins.families.fs.servers import FileServer, host_key_of, ssh_server
from tests.unit.toccata.plugins.families.fs.test_remote import a_bench
from toccata.plugins.families.fs import ssh


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[FileServer]:
    async with ssh_server(tmp_path / "served") as found:
        yield found


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return a_bench(tmp_path)


async def test_commands_run_in_one_shell_and_give_outputs(bench: Bench, server: FileServer) -> None:
    commands = [
        "A=hello",
        "echo $A",
        "echo oops >&2",
        """echo '::{"outputs": {"rows": 3}, "metrics": [{"name": "n", "type": "counter", "value": 2}]}::'""",
        "printf 'no end of line'",
    ]
    got = good(await bench.run(ssh.COMMAND, {**server.sign_in, "commands": commands}))
    assert got == {"exitCode": 0, "vars": {"rows": 3}}
    assert ("INFO", "hello") in bench.messages
    assert ("ERROR", "oops") in bench.messages
    assert ("INFO", "no end of line") in bench.messages
    assert [(each.name, each.value) for each in bench.points] == [("n", 2)]


async def test_an_exit_status_fails_the_task_and_keeps_outputs(bench: Bench, server: FileServer) -> None:
    commands = ["""echo '::{"outputs": {"a": 1}}::'""", "exit 3"]
    ended = await bench.run(ssh.COMMAND, {**server.sign_in, "commands": commands})
    assert (ended.outcome, ended.message) == ("failed", "SSH command fails with exit status 3")
    assert ended.outputs == {"exitCode": 3, "vars": {"a": 1}}


async def test_variables_reach_the_commands(bench: Bench, server: FileServer) -> None:
    written = {**server.sign_in, "env": {"NAME": "Ada"}, "commands": ['echo "I am $NAME"']}
    good(await bench.run(ssh.COMMAND, written))
    assert ("INFO", "I am Ada") in bench.messages


async def test_a_key_signs_in(bench: Bench, tmp_path: Path) -> None:
    key = asyncssh.generate_private_key("ssh-ed25519")
    async with ssh_server(tmp_path / "with_key", key) as server:
        written = {
            **server.sign_in,
            "password": None,
            "authMethod": "PUBLIC_KEY",
            "privateKey": key.export_private_key("openssh", "sesame").decode(),
            "privateKeyPassphrase": "sesame",
            "commands": ["true"],
        }
        good(await bench.run(ssh.COMMAND, written))


async def test_a_server_must_be_known_if_the_task_says_so(
    bench: Bench, server: FileServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    written = {**server.sign_in, "strictHostKeyChecking": "yes", "commands": ["true"]}
    ended = await bench.run(ssh.COMMAND, written)
    assert f"the key of [127.0.0.1]:{server.port} is not in the worker's known_hosts" in ended.message
    (tmp_path / ".ssh").mkdir()
    (tmp_path / ".ssh/known_hosts").write_text(f"[127.0.0.1]:{server.port} {host_key_of(server.port)}\n")
    good(await bench.run(ssh.COMMAND, written))


async def test_a_kill_ends_the_command(bench: Bench, server: FileServer, tmp_path: Path) -> None:
    begun = asyncio.Event()
    loop = asyncio.get_running_loop()

    def post() -> None:
        if ("INFO", "begun") in bench.messages:
            loop.call_soon_threadsafe(begun.set)

    bench.outbox.on_post = post
    written = {**server.sign_in, "commands": ["echo begun", f"sleep 600; touch {tmp_path}/survived"]}
    running = asyncio.create_task(bench.run(ssh.COMMAND, written))
    async with asyncio.timeout(30):
        await begun.wait()
        running.cancel()
        await asyncio.wait([running])
    assert not (tmp_path / "survived").exists()


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ({"password": None}, "password: is needed"),
        ({"authMethod": "PUBLIC_KEY"}, "privateKey: is needed"),
        ({"authMethod": "OPEN_SSH"}, "OPEN_SSH is refused"),
        ({"proxyCommand": "nc"}, "proxyCommand: is not supported"),
        ({"password": "wrong"}, "the server does not let `bot` in"),
        ({"port": 1}, "127.0.0.1:1 cannot be reached"),
        ({"commands": []}, "commands"),
    ],
)
async def test_what_fails_says_why(
    bench: Bench, server: FileServer, written: dict[str, Any], text: str
) -> None:
    ended = await bench.run(ssh.COMMAND, {**server.sign_in, "commands": ["true"], **written})
    assert ended.outcome == "failed"
    assert text in ended.message


async def test_what_does_not_speak_ssh_is_named(bench: Bench) -> None:
    async def other(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        writer.close()

    listening = await asyncio.start_server(other, "127.0.0.1", 0)
    port = listening.sockets[0].getsockname()[1]
    written = {"host": "127.0.0.1", "port": port, "username": "a", "password": "b", "commands": ["true"]}
    ended = await bench.run(ssh.COMMAND, written)
    assert f"127.0.0.1:{port}: no connection of SSH" in ended.message
    listening.close()


async def test_the_example_runs(bench: Bench, server: FileServer) -> None:
    written = example(ssh.COMMAND, hosts={"files.example.com": "127.0.0.1", '"22"': f'"{server.port}"'})
    good(await bench.run(ssh.COMMAND, written))
