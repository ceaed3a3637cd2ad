"""The command line against the running system: what a person types, what they see, and the exit codes."""

import asyncio
import json
import sys
import uuid
from typing import Any

import httpx
import psutil
import pytest

from tests.support.command import ROOT, greeting, succeeded, toccata
from tests.support.system import within

pytestmark = [pytest.mark.processes, pytest.mark.servers]

_SECONDS = 60


@pytest.fixture
def name() -> str:
    """Return an id for a flow that no other test has."""
    return f"cli_{uuid.uuid4().hex[:8]}"


FAILING = """  - id: stop
    type: io.kestra.plugin.core.execution.Fail
    errorMessage: enough of this
"""

SLEEPING = """  - id: nap
    type: io.kestra.plugin.core.flow.Sleep
    duration: PT10M
"""


async def test_a_file_is_applied_run_and_followed_to_its_end(system, name, tmp_path):
    file = tmp_path / "greeting.yaml"
    file.write_text(greeting(name))

    out = await succeeded(system, "run", str(file), "-i", "who=Ada", "--label", "team=tests", "--follow")

    assert f"cli.tests.{name} revision 1 created" in out
    assert "hello                INFO  Hello, Ada!" in out
    told = [line.split()[1:] for line in out.splitlines()[2:]]
    assert ["execution", "RUNNING"] in told
    assert ["hello", "SUCCESS"] in told
    assert told[-1][:2] == ["execution", "SUCCESS"]

    execution = out.splitlines()[1].split()[1]
    page = json.loads(await succeeded(system, "execution", "get", execution, "-o", "json"))
    assert page["inputs"] == {"who": "Ada", "times": 1}
    assert {"key": "team", "value": "tests"} in page["labels"]
    assert "Hello, Ada!" in await succeeded(system, "execution", "logs", execution)
    listed = json.loads(await succeeded(system, "execution", "list", "--flow", name, "-o", "json"))
    assert [each["id"] for each in listed] == [execution]
    assert execution in await succeeded(system, "execution", "list", "-n", "cli.tests", "--flow", name)


async def test_the_exit_code_is_that_of_the_final_state(system, name, tmp_path):
    file = tmp_path / "failing.yaml"
    file.write_text(greeting(name, FAILING))
    ran = await toccata(system, "run", str(file), "--follow")
    assert ran.code == 1
    assert "enough of this" in ran.out
    assert ran.out.splitlines()[-1].split()[1:3] == ["execution", "FAILED"]


async def test_a_running_execution_is_killed_and_its_follower_ends(system, name, tmp_path):
    file = tmp_path / "sleeping.yaml"
    file.write_text(greeting(name, SLEEPING))
    started = await succeeded(system, "run", str(file))
    execution = started.splitlines()[1].split()[1]
    following = asyncio.create_task(toccata(system, "execution", "logs", "--follow", execution))

    async def napping() -> bool:
        page = json.loads(await succeeded(system, "execution", "get", execution, "-o", "json"))
        return any(
            run["taskId"] == "nap" and run["state"]["current"] == "RUNNING" for run in page["taskRunList"]
        )

    await within(30, napping)
    await succeeded(system, "execution", "kill", execution)
    followed = await following
    assert (followed.code, followed.out.count("Hello, world!")) == (0, 1)
    assert "KILLED" in await succeeded(system, "execution", "get", execution)
    restarted = await succeeded(system, "execution", "restart", execution)
    assert restarted.split()[1] in {"RESTARTED", "RUNNING"}
    await succeeded(system, "execution", "kill", execution)


async def test_wrong_inputs_and_unknown_names_are_one_line_and_what_to_do(system, name, tmp_path):
    file = tmp_path / "greeting.yaml"
    file.write_text(greeting(name))
    await succeeded(system, "flow", "apply", str(file))

    wrong = await toccata(system, "run", f"cli.tests.{name}", "-i", "times=many")
    assert wrong.code == 1
    assert "times" in wrong.err.splitlines()[0]
    assert wrong.err.splitlines()[-1] == "The flow's inputs are: who (STRING), times (INT)."
    assert (await toccata(system, "run", f"cli.tests.{name}", "-i", "times")).code == 2
    assert "There is no flow cli.tests.gone." in (await toccata(system, "run", "cli.tests.gone")).err
    for command in ("get", "logs", "kill", "restart"):
        unknown = await toccata(system, "execution", command, "0000000000000000000000")
        assert unknown.code == 1
        assert unknown.err.startswith("There is no execution 0000000000000000000000.\n")
    refused = await toccata(system, "execution", "list", TOCCATA_AUTH_PASSWORD="Wrong-1234")
    assert (refused.code, refused.err.splitlines()[0]) == (1, "The sign-in was refused.")


async def test_flows_are_applied_changed_refused_and_exported(system, name, tmp_path):
    file = tmp_path / "flows.yaml"
    broken = f"---\nid: {name}_broken\nnamespace: cli.tests\ntasks:\n  - id: t\n    type: io.nobody.Knows\n"
    file.write_text(greeting(name) + broken + "---\n" + greeting(f"{name}_2"))

    ran = await toccata(system, "flow", "apply", str(file))

    lines = file.read_text().splitlines()
    at = lines.index("    type: io.nobody.Knows") + 1
    assert ran.code == 1
    assert f"{file}:{at}:11 tasks[0].type: Invalid type: io.nobody.Knows" in ran.out
    assert f"cli.tests.{name} revision 1 created" in ran.out
    assert f"cli.tests.{name}_2 revision 1 created" in ran.out
    assert ran.err == "1 of 3 flows were not stored.\n"

    file.write_text(greeting(name, FAILING) + "---\n" + greeting(f"{name}_2"))
    out = await succeeded(system, "flow", "apply", str(file))
    assert f"cli.tests.{name} revision 2 updated" in out
    assert f"cli.tests.{name}_2 revision 1 unchanged" in out

    await succeeded(system, "flow", "export", f"cli.tests.{name}", "--to", str(tmp_path / "out"))
    exported = tmp_path / "out" / f"cli.tests.{name}.yml"
    assert exported.read_text() == greeting(name, FAILING)
    await succeeded(system, "flow", "export", "-n", "cli.tests", "--to", str(tmp_path / "all"))
    assert {f"cli.tests.{name}.yml", f"cli.tests.{name}_2.yml"} <= {
        p.name for p in (tmp_path / "all").iterdir()
    }


async def test_a_mistake_has_one_text_on_the_command_line_and_over_the_api(system, name, tmp_path):
    file = tmp_path / "flow.yaml"
    log = "    type: io.kestra.plugin.core.log.Log\n"
    source = f"id: {name}\nnamespace: cli.tests\ncolor: red\ntasks:\n  - id: one\n{log}  - id: two\n    type: log.Logg\n"
    file.write_text(source)

    validated = await toccata(system, "flow", "validate", str(file))
    applied = await toccata(system, "flow", "apply", str(file))
    async with httpx.AsyncClient(base_url=system.url, auth=system.auth) as client:
        body: dict[str, Any] = {"content": source, "headers": {"Content-Type": "application/x-yaml"}}
        (line,) = (await client.post("/api/v1/main/flows/validate", **body)).json()
        created = (await client.post("/api/v1/main/flows", **body)).json()

    told = [violation["text"] for violation in line["violations"]]
    assert [text.partition(": ")[0] for text in told] == [
        "3:1 color",
        "5:5 tasks[0].message",
        "8:11 tasks[1].type",
    ]
    assert told[1] == "5:5 tasks[0].message: must not be null"
    assert told[2].endswith("Invalid type: log.Logg. Did you mean `io.kestra.plugin.core.log.Log`?")
    assert [error["text"] for error in created["errors"]] == told
    for ran in (validated, applied):
        assert ran.code == 1
        assert ran.out.splitlines() == [f"{file}:{text}" for text in told]


async def test_an_event_starts_a_flow_once_and_its_life_can_be_tailed(system, name, tmp_path):
    file = tmp_path / "event.yaml"
    trigger = f"""triggers:
  - id: order
    type: io.toccata.plugin.core.trigger.Event
    eventType: order.{name}
    inputs:
      who: "{{{{ trigger.data.customer }}}}"
"""
    file.write_text(greeting(name, trigger))
    await succeeded(system, "flow", "apply", str(file))
    publish = (
        "events",
        "publish",
        "--type",
        f"order.{name}",
        "--source",
        "/shop",
        "--subject",
        "orders/1",
        "-o",
        "json",
    )

    first = json.loads(await succeeded(system, *publish, "--id", "1", "--data", '{"customer": "Ada"}'))
    again = json.loads(
        await succeeded(system, *publish, "--id", "1", "--data", "@-", stdin=b'{"customer": "Ada"}')
    )
    other = json.loads(await succeeded(system, *publish, "--id", "2", "--data", '{"customer": "Bob"}'))

    assert [each["offset"] - first["offset"] for each in (first, again, other)] == [0, 1, 2]
    assert first["topic"] == f"{system.kafka.topic_prefix}events"
    assert len({each["partition"] for each in (first, again, other)}) == 1

    async def ended() -> list[dict[str, Any]]:
        query = ("execution", "list", "--flow", name, "-s", "SUCCESS", "-o", "json")
        found = json.loads(await succeeded(system, *query))
        return found if len(found) >= 2 else []

    # The second event is read after both copies of the first. If the copy had started an execution, there would be three.
    found = await within(30, ended)
    assert sorted(each["inputs"]["who"] for each in found) == ["Ada", "Bob"]
    everything = json.loads(await succeeded(system, "execution", "list", "--flow", name, "-o", "json"))
    assert len(everything) == 2

    one = found[0]["id"]
    tail = ("events", "tail", "--from", "earliest", "--execution", one)
    records = [
        json.loads(line) for line in (await succeeded(system, *tail, "-c", "5", "-o", "json")).splitlines()
    ]
    assert {record["key"] for record in records} == {one}
    assert [record["value"]["seq"] for record in records] == [1, 2, 3, 4, 5]
    assert records[0]["headers"]["ce_type"] == "execution.created.v1"
    lines = (await succeeded(system, *tail, "-c", "2")).splitlines()
    assert [line.split()[1:3] for line in lines] == [
        [one, "execution.created.v1"],
        [one, "execution.started.v1"],
    ]


async def test_events_of_any_topic_are_tailed_as_they_were_sent(system):
    await succeeded(
        system, "events", "publish", "--type", "plain", "--id", "100%", "--subject", "s%20", "--data", "[1]"
    )
    tailed = ("events", "tail", "events", "--from", "earliest", "-o", "json", "-c", "1")
    record = json.loads(await succeeded(system, *tailed))
    assert record["topic"] == "events"
    assert record["headers"]["ce_specversion"] == "1.0"
    missing = await toccata(
        system, "events", "publish", "--type", "a", "--topic", f"nobody.{uuid.uuid4().hex}"
    )
    assert missing.code == 1
    assert missing.err.startswith("There is no topic nobody.")


async def test_the_doctor_finds_nothing_then_reports_what_is_wrong(system):
    well = await toccata(system, "doctor")
    assert well.code == 0, well
    assert f"with prefix {system.kafka.topic_prefix}" in well.out
    assert "\nbad " not in well.out
    assert "topics at" in await succeeded(system, "topics", "check")

    ill = await toccata(
        system,
        "doctor",
        "-o",
        "json",
        TOCCATA_KAFKA_TOPIC_PREFIX=f"none{uuid.uuid4().hex}.",
        TOCCATA_URL="http://127.0.0.1:1",
    )
    assert ill.code == 1
    bad = {finding["part"]: finding for finding in json.loads(ill.out) if finding["verdict"] == "bad"}
    assert set(bad) == {"topics", "web"}
    assert all(finding["advice"] for finding in bad.values())


async def test_missing_topics_are_created_and_then_right(system, topic_prefix):
    prefix = topic_prefix
    missing = await toccata(system, "topics", "check", TOCCATA_KAFKA_TOPIC_PREFIX=prefix)
    assert missing.code == 1
    assert f"topic {prefix}events is missing" in missing.out
    created = await toccata(system, "topics", "create", TOCCATA_KAFKA_TOPIC_PREFIX=prefix)
    assert (created.code, f"created or corrected {prefix}events\n" in created.out) == (0, True)
    assert (await toccata(system, "topics", "check", TOCCATA_KAFKA_TOPIC_PREFIX=prefix)).code == 0


async def test_serve_becomes_the_service(system, tmp_path):
    environment = {**system.environment, "TOCCATA_HOME": str(tmp_path), "TOCCATA_INSTANCE": "served"}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "toccata.cli", "serve", "worker"),
        stderr=asyncio.subprocess.PIPE,
        cwd=ROOT,
        env=environment,
    )
    assert process.stderr is not None
    try:
        async with asyncio.timeout(_SECONDS):
            while b'"worker_started"' not in (line := await process.stderr.readline()):
                assert line, "it ended before it started"
        assert psutil.Process(process.pid).cmdline()[1:3] == ["-m", "services.worker"]
    finally:
        process.terminate()
        async with asyncio.timeout(_SECONDS):
            await asyncio.gather(process.stderr.read(), process.wait())
    assert process.returncode == 0


async def test_a_token_of_the_command_line_works_until_it_is_revoked(system):
    name = f"cli-{uuid.uuid4().hex[:8]}"
    made = await toccata(system, "token", "create", name, "--read-only", "--days", "1")
    assert made.code == 0, made.err
    token = made.out.strip()
    assert token.startswith("toccata_")
    assert token not in made.err
    # The token takes the place of user and password, so wrong ones of the environment do not matter.
    wrong = "Wrong-1234"
    read = await toccata(system, "execution", "list", TOCCATA_TOKEN=token, TOCCATA_AUTH_PASSWORD=wrong)
    assert read.code == 0
    refused = await toccata(system, "token", "revoke", name, TOCCATA_TOKEN=token)
    assert (refused.code, "a token cannot make or revoke tokens" in refused.err) == (1, True)
    listed = json.loads((await toccata(system, "token", "list", "-o", "json")).out)
    assert [each["scope"] for each in listed if each["name"] == name] == ["read"]
    assert (await toccata(system, "token", "revoke", name)).code == 0
    after = await toccata(system, "execution", "list", TOCCATA_TOKEN=token)
    assert (after.code, after.err.splitlines()[0]) == (1, "The sign-in was refused.")
    unknown = await toccata(system, "token", "revoke", name)
    assert (unknown.code, unknown.err.splitlines()[0]) == (1, f"There is no token {name}.")
