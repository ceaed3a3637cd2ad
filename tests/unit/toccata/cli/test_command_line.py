"""The command as a process: exit codes, streams, colours; nothing that needs a server."""

import json
import os
import subprocess
import sys
import time
import tomllib
from pathlib import Path
from typing import Any

import pytest

from toccata.standalone.home import RunFile, write_run_file
from toccata.standalone.web_sign_in import kept_sign_in

ROOT = Path(__file__).parents[4]


def toccata(
    *arguments: str, stdout: Any = subprocess.PIPE, **environment: str
) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("TOCCATA_")}
    return subprocess.run(
        [sys.executable, "-m", "toccata.cli", *arguments],
        stdin=subprocess.DEVNULL,
        stdout=stdout,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env={**clean, "TOCCATA_HOME": "/nonexistent/toccata", **environment},
        timeout=60,
        check=False,
    )


def toccata_hearing(heard: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command with a standard input."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("TOCCATA_")}
    return subprocess.run(
        [sys.executable, "-m", "toccata.cli", *arguments],
        input=heard,
        capture_output=True,
        text=True,
        cwd=ROOT,
        env=clean,
        timeout=60,
        check=False,
    )


def running_standalone(home: Path, kafka: str = "127.0.0.1:29092", *, sign_in_kept: bool = False) -> None:
    """What a standalone that runs there would have written; this process is as alive as one."""
    content = RunFile(
        pid=os.getpid(),
        url="http://localhost:1234",
        kafka_bootstrap_servers=kafka,
        kafka_topic_prefix="toccata.",
        database_url="postgresql://u:geheim@127.0.0.1:5/t",
        ready=True,
        pids={},
        health={},
        sign_in_kept=sign_in_kept,
    )
    write_run_file(home, content)


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
        "trigger",
        "logs",
        "plugin",
        "settings",
        "rebuild",
        "doctor",
    ):
        assert f"\n  {name} " in ran.stdout


@pytest.mark.parametrize(
    "noun",
    ["", "flow", "execution", "trigger", "events", "topics", "plugin", "kv", "token", "password", "settings"],
)
def test_help_cuts_no_summary_of_a_command_off(noun):
    ran = toccata(*filter(None, [noun]), "--help", COLUMNS="80")
    assert ran.returncode == 0, ran.stderr
    assert [line for line in ran.stdout.splitlines() if line.endswith("...") and "Usage" not in line] == []


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


def test_the_version_is_that_of_the_tree_and_not_not_installed():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert toccata("--version").stdout == f"toccata {project['version']}\n"


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
        "Start it with `toccata standalone`, or set TOCCATA_URL, or --url, to where its web runs.",
    ]


def test_a_broker_that_is_away_is_two_lines_and_code_1():
    began = time.monotonic()
    ran = toccata("topics", "check", TOCCATA_KAFKA_BOOTSTRAP_SERVERS="127.0.0.1:1")
    assert ran.returncode == 1
    assert ran.stderr.splitlines() == [
        "Kafka cannot be reached at 127.0.0.1:1: Connection refused.",
        "Start it (`toccata standalone` has one), or set TOCCATA_KAFKA_BOOTSTRAP_SERVERS, or --kafka, to where it runs.",
    ]
    assert time.monotonic() - began < 30


def test_a_wrong_setting_is_named():
    ran = toccata("topics", "check", TOCCATA_KAFKA_SECURITY_PROTOCOL="none")
    assert ran.returncode == 2
    assert "TOCCATA_KAFKA_SECURITY_PROTOCOL" in ran.stderr
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
    ran = toccata("env", "--export", TOCCATA_HOME=str(tmp_path))
    assert ran.returncode == 1
    assert "toccata standalone" in ran.stderr
    assert ran.stdout == ""


def test_the_options_that_name_a_system_stand_before_or_after_a_command():
    there = "http://127.0.0.1:1"
    for arguments in (("--url", there, "flow", "list"), ("flow", "list", "--url", there)):
        ran = toccata(*arguments, TOCCATA_URL="http://elsewhere:80", TOCCATA_AUTH_PASSWORD="Env-1234")
        assert ran.returncode == 2
        assert "the sign-in of the environment is not sent" in ran.stderr
        ran = toccata(*arguments, "--user", "me@here", "--password", "x")
        assert ran.stderr.startswith(f"Toccata cannot be reached at {there}")


def test_the_variables_of_every_address_and_of_the_sign_in_are_in_the_help():
    for arguments in (("--help",), ("doctor", "--help")):
        shown = toccata(*arguments).stdout
        for name in ("URL", "AUTH_USERNAME", "AUTH_PASSWORD", "KAFKA_BOOTSTRAP_SERVERS"):
            assert f"TOCCATA_{name}" in shown


def test_publishing_does_not_take_kafka_from_the_folders_run_json_when_the_url_names_another_system(tmp_path):
    running_standalone(tmp_path, kafka="127.0.0.1:1")
    publish = ("events", "publish", "--type", "a")
    ran = toccata(*publish, TOCCATA_HOME=str(tmp_path), TOCCATA_URL="http://prod.example:8080")
    assert ran.returncode == 2
    reason, advice = ran.stderr.splitlines()
    assert reason == (
        "TOCCATA_URL (http://prod.example:8080) names a system, and nothing says where its Kafka is."
        f" The standalone of {tmp_path} is another system."
    )
    assert advice == "Set TOCCATA_KAFKA_BOOTSTRAP_SERVERS or give --kafka."
    ran = toccata(*publish, TOCCATA_HOME=str(tmp_path))
    assert ran.stderr.startswith("Kafka cannot be reached at 127.0.0.1:1")


def test_env_shows_every_address_with_its_source_and_no_password(tmp_path):
    running_standalone(tmp_path)
    ran = toccata("env", "-o", "json", TOCCATA_HOME=str(tmp_path), TOCCATA_AUTH_PASSWORD="Env-1234")
    shown = {row["variable"]: (row["value"], row["source"]) for row in json.loads(ran.stdout)}
    file = f"{tmp_path}/run.json"
    assert shown == {
        "TOCCATA_URL": ("http://localhost:1234", file),
        "TOCCATA_AUTH_USERNAME": ("admin@kestra.io", "default"),
        "TOCCATA_AUTH_PASSWORD": ("***", "TOCCATA_AUTH_PASSWORD"),
        "TOCCATA_KAFKA_BOOTSTRAP_SERVERS": ("127.0.0.1:29092", file),
        "TOCCATA_KAFKA_TOPIC_PREFIX": ("toccata.", file),
        "TOCCATA_DATABASE_URL": ("postgresql://u:***@127.0.0.1:5/t", file),
    }
    exported = toccata("env", "--export", TOCCATA_HOME=str(tmp_path)).stdout
    assert "export TOCCATA_URL=http://localhost:1234\n" in exported
    assert "export TOCCATA_DATABASE_URL=postgresql://u:geheim@127.0.0.1:5/t\n" in exported


def test_rebuild_and_serve_go_where_every_command_goes(tmp_path):
    """Seen from outside: the program that they become says which Kafka it cannot reach."""
    running_standalone(tmp_path, kafka="127.0.0.1:1")
    ran = toccata("rebuild", TOCCATA_HOME=str(tmp_path))
    assert ran.returncode == 1
    assert "127.0.0.1:1" in ran.stderr
    assert "9092" not in ran.stderr


def test_a_run_json_that_is_garbage_is_named(tmp_path):
    (tmp_path / "run.json").write_text("{")
    ran = toccata("flow", "list", TOCCATA_HOME=str(tmp_path))
    assert ran.returncode == 1
    assert ran.stderr.startswith(f"{tmp_path}/run.json is damaged")
    assert "Traceback" not in ran.stderr
    # Who names the system needs no run.json.
    ran = toccata("flow", "list", "--url", "http://127.0.0.1:1", TOCCATA_HOME=str(tmp_path))
    assert ran.stderr.startswith("Toccata cannot be reached")


@pytest.mark.parametrize("form", ["table", "json"])
def test_output_to_a_full_disk_is_one_line(form):
    with Path("/dev/full").open("w") as full:
        ran = toccata("topics", "list", "-o", form, stdout=full)
    assert ran.returncode == 1
    assert ran.stderr == "The output cannot be written: No space left on device.\n"


@pytest.mark.parametrize("form", ["table", "yaml"])
def test_a_closed_pipe_is_no_failure_to_talk_about(form):
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w") as pipe:
        ran = toccata("topics", "list", "-o", form, stdout=pipe)
    assert (ran.returncode, ran.stderr) == (141, "")


def test_weak_credentials_are_said_in_plain_words():
    ran = toccata("settings", "check", TOCCATA_AUTH_USERNAME="a@b.c", TOCCATA_AUTH_PASSWORD="weak")
    assert ran.returncode == 2
    assert ran.stderr.splitlines()[0] == (
        "TOCCATA_AUTH_PASSWORD must have 8 to 256 characters with at least one upper-case letter, one lower-case"
        " letter and one digit."
    )
    ran = toccata("settings", "check", TOCCATA_AUTH_USERNAME="a@b.c", TOCCATA_AUTH_PASSWORD="Strong-1")
    assert (ran.returncode, ran.stdout) == (0, "The settings are right.\n")


def test_a_password_becomes_a_hash_that_web_takes_and_a_weak_one_does_not():
    made = toccata_hearing("Strong-Enough-1\n", "password", "hash")
    assert made.returncode == 0
    assert made.stdout.startswith("$argon2id$")
    assert "Strong-Enough-1" not in made.stdout + made.stderr
    checked = toccata(
        "settings",
        "check",
        TOCCATA_AUTH_USERNAME="a@b.c",
        TOCCATA_AUTH_PASSWORD_HASH=made.stdout.strip(),
        TOCCATA_WEB_HOST="0.0.0.0",
    )
    assert checked.returncode == 0, checked.stderr
    for weak in ("Admin1234!\n", "short\n", "\n", ""):
        refused = toccata_hearing(weak, "password", "hash")
        assert (refused.returncode, refused.stdout) == (2, ""), weak
        assert refused.stderr.startswith("The password ")


def test_the_sign_in_of_a_running_standalone_is_found(tmp_path):
    made = kept_sign_in(tmp_path)
    running_standalone(tmp_path, sign_in_kept=True)
    ran = toccata("sign-in", TOCCATA_HOME=str(tmp_path))
    assert ran.stdout == f"admin@kestra.io:{made.password}\n"
    shown = toccata("env", TOCCATA_HOME=str(tmp_path)).stdout
    assert made.password not in shown
    assert f"{tmp_path}/secrets/sign-in.json" in shown
    exported = toccata("env", "--export", TOCCATA_HOME=str(tmp_path)).stdout
    assert f"export TOCCATA_AUTH_PASSWORD={made.password}\n" in exported
    elsewhere = toccata("sign-in", "--url", "http://evil.example", TOCCATA_HOME=str(tmp_path))
    assert elsewhere.returncode == 2
    assert made.password not in elsewhere.stdout + elsewhere.stderr


def test_a_stolen_run_json_leads_to_no_password(tmp_path):
    """A copy in another folder names a running system, but no password comes with it."""
    own, stolen = tmp_path / "own", tmp_path / "stolen"
    own.mkdir()
    stolen.mkdir()
    made = kept_sign_in(own)
    running_standalone(own, sign_in_kept=True)
    (stolen / "run.json").write_bytes((own / "run.json").read_bytes())
    ran = toccata("sign-in", TOCCATA_HOME=str(stolen))
    assert ran.returncode == 2
    assert f"{stolen}/secrets/sign-in.json is gone" in ran.stderr
    assert made.password not in ran.stdout + ran.stderr


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
def test_the_sign_in_that_another_user_planted_is_not_sent(tmp_path):
    kept_sign_in(tmp_path)
    running_standalone(tmp_path, sign_in_kept=True)
    os.chown(tmp_path / "secrets" / "sign-in.json", 12_345, -1)
    ran = toccata("sign-in", TOCCATA_HOME=str(tmp_path))
    assert ran.returncode == 2
    assert "is not believed" in ran.stderr


def test_where_variables_set_the_sign_in_the_command_says_so(tmp_path):
    running_standalone(tmp_path, sign_in_kept=False)
    ran = toccata("sign-in", TOCCATA_HOME=str(tmp_path))
    assert ran.returncode == 2
    assert "was set where it was started" in ran.stderr
    assert "TOCCATA_AUTH_PASSWORD" in ran.stderr
    ran = toccata("sign-in", TOCCATA_HOME=str(tmp_path), TOCCATA_AUTH_PASSWORD="Admin1234!")
    assert ran.stdout == "admin@kestra.io:Admin1234!\n"


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_offers_the_commands(shell):
    words = {
        "bash": {"COMP_WORDS": "toccata fl", "COMP_CWORD": "1"},
        "zsh": {"_TYPER_COMPLETE_ARGS": "toccata fl"},
        "fish": {"_TYPER_COMPLETE_ARGS": "toccata fl", "_TYPER_COMPLETE_FISH_ACTION": "get-args"},
    }
    ran = toccata(_TOCCATA_COMPLETE=f"complete_{shell}", **words[shell])
    assert "flow" in ran.stdout


def test_deleting_asks_where_somebody_can_be_asked():
    ran = toccata("flow", "delete", "a.b", TOCCATA_URL="http://127.0.0.1:1")
    assert ran.returncode == 2
    assert "--yes" in ran.stderr


def test_what_env_exports_is_no_program_for_the_shell(tmp_path):
    hostile = "a'b\"c`touch x`$(touch y);touch z\n#"
    home = str(tmp_path)
    ran = toccata(
        "env", "--export", TOCCATA_HOME=home, TOCCATA_URL="http://h:1", TOCCATA_AUTH_PASSWORD=hostile
    )
    script = f'{ran.stdout}\nprintf %s "$TOCCATA_AUTH_PASSWORD"'
    shell = subprocess.run(
        ["/bin/sh", "-c", script], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert shell.stdout == hostile
    assert list(tmp_path.iterdir()) == []
