"""The command as a process: exit codes, streams, colours; nothing that needs a server."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[4]


def toccata(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("TOCCATA_")}
    return subprocess.run(
        [sys.executable, "-m", "toccata.cli", *arguments],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={**clean, "TOCCATA_HOME": "/nonexistent/toccata", **environment},
        timeout=60,
        check=False,
    )


def test_help_names_every_command():
    ran = toccata("--help")
    assert ran.returncode == 0
    for name in (
        "standalone",
        "serve",
        "env",
        "topics",
        "flow",
        "run",
        "events",
        "execution",
        "plugin",
        "rebuild",
        "doctor",
    ):
        assert f"\n  {name} " in ran.stdout


def test_help_imports_nothing_heavy_and_is_quick():
    code = (
        "import sys; sys.argv = ['toccata', '--help']\n"
        "from toccata.cli.__main__ import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "print(*sorted({name.split('.')[0] for name in sys.modules}), file=sys.stderr)"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    heavy = {"pydantic", "aiokafka", "asyncpg", "asyncio", "rich", "yaml", "http", "contracts"}
    assert not heavy & set(ran.stderr.split())


def test_version():
    assert toccata("--version").stdout.startswith("toccata ")


@pytest.mark.parametrize("arguments", [("serve", "nobody"), ("nonsense",), ("events", "publish"), ("run",)])
def test_misuse_is_code_2(arguments):
    ran = toccata(*arguments)
    assert ran.returncode == 2
    assert "Traceback" not in ran.stderr


def test_flows_are_validated_without_a_server(tmp_path):
    good = "id: good\nnamespace: a.b\ntasks:\n  - id: t\n    type: io.kestra.plugin.core.log.Log\n    message: hi\n"
    bad = "---\nid: bad\nnamespace: a.b\ntasks:\n  - id: t\n    type: io.nobody.Knows\n"
    file = tmp_path / "flows.yaml"
    file.write_text(good)
    ran = toccata("flow", "validate", str(file))
    assert (ran.returncode, ran.stdout) == (0, f"{file}:1: ok a.b.good\n")

    file.write_text(good + bad)
    ran = toccata("flow", "validate", str(file))
    assert ran.returncode == 1
    assert f"{file}:12:11 tasks[0].type: Invalid type: io.nobody.Knows\n" in ran.stdout
    assert ran.stderr == "1 of 2 flows are not valid.\n"


def test_a_server_that_is_away_is_two_lines_and_code_1():
    ran = toccata("execution", "list", TOCCATA_URL="http://127.0.0.1:1")
    assert ran.returncode == 1
    assert ran.stderr.splitlines() == [
        "Toccata cannot be reached at http://127.0.0.1:1: Connection refused.",
        "Start it with `toccata standalone`, or set TOCCATA_URL to where its web runs.",
    ]


def test_a_broker_that_is_away_is_two_lines_and_code_1():
    began = time.monotonic()
    ran = toccata("topics", "check", TOCCATA_KAFKA_BOOTSTRAP_SERVERS="127.0.0.1:1")
    assert ran.returncode == 1
    assert ran.stderr.startswith("cannot reach Kafka at 127.0.0.1:1")
    assert len(ran.stderr.splitlines()) == 2
    assert time.monotonic() - began < 30


def test_a_wrong_setting_is_named():
    ran = toccata("execution", "list", TOCCATA_WEB_PORT="many")
    assert ran.returncode == 2
    assert "TOCCATA_WEB_PORT" in ran.stderr
    assert "Traceback" not in ran.stderr


def test_data_that_is_not_json_is_never_sent():
    ran = toccata("events", "publish", "--type", "a", "--data", "{a: 1}")
    assert ran.returncode == 2
    assert ran.stderr.startswith("--data is not JSON")


def test_a_private_topic_is_refused():
    ran = toccata("events", "tail", "executions.journal")
    assert ran.returncode == 2
    assert "private" in ran.stderr


def test_types_are_listed_and_documented():
    listed = toccata("plugin", "list")
    assert "io.kestra.plugin.core.log.Log " in listed.stdout
    assert "io.kestra.plugin.core.flow.ForEach " in listed.stdout
    page = toccata("plugin", "doc", "io.kestra.plugin.core.log.Log")
    assert page.stdout.startswith("# io.kestra.plugin.core.log.Log\n")
    unknown = toccata("plugin", "doc", "log")
    assert unknown.returncode == 2
    assert "io.kestra.plugin.core.log.Log" in unknown.stderr


def test_without_a_standalone_env_says_how_to_start_one(tmp_path):
    ran = toccata("env", TOCCATA_HOME=str(tmp_path))
    assert ran.returncode == 1
    assert "toccata standalone" in ran.stderr
    assert ran.stdout == ""
