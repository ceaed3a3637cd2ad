"""The nouns of the command line against the running system: flows, triggers, logs, and the hints beside a result."""

import asyncio
import json
import os
import uuid

import pytest
import yaml

from tests.support.command import greeting, succeeded, toccata
from tests.support.system import within

pytestmark = [pytest.mark.processes, pytest.mark.servers]


@pytest.fixture
def name() -> str:
    """Return an id for a flow that no other test has."""
    return f"noun_{uuid.uuid4().hex[:8]}"


def on_event(name: str) -> str:
    return f"""triggers:
  - id: order
    type: io.toccata.plugin.core.trigger.Event
    eventType: "{name}.*"
"""


LOOP = """id: {name}
namespace: cli.tests
tasks:
  - id: each
    type: io.kestra.plugin.core.flow.ForEach
    values: [red, green]
    tasks:
      - id: say
        type: io.kestra.plugin.core.log.Log
        message: "it is {{{{ taskrun.value }}}}"
"""


async def test_flows_are_listed_shown_and_deleted(system, name, tmp_path):
    file = tmp_path / "flow.yaml"
    file.write_text(greeting(name))
    await succeeded(system, "flow", "apply", str(file))

    listed = json.loads(await succeeded(system, "flow", "list", "-n", "cli.tests", "-o", "json"))
    assert name in {flow["id"] for flow in listed}
    assert f"cli.tests.{name}" in await succeeded(system, "flow", "list", "-n", "cli.tests")
    assert await succeeded(system, "flow", "get", f"cli.tests.{name}") == greeting(name)
    facts = await succeeded(system, "flow", "get", f"cli.tests.{name}", "-o", "table")
    assert "who (STRING), times (INT)" in facts
    unknown = await toccata(system, "flow", "get", f"cli.tests.{name}", "--revision", "7")
    assert (unknown.code, unknown.err.splitlines()[0]) == (
        1,
        f"There is no revision 7 of flow cli.tests.{name}.",
    )

    asked = await toccata(system, "flow", "delete", f"cli.tests.{name}")
    assert asked.code == 2
    await succeeded(system, "flow", "delete", f"cli.tests.{name}", "--yes")
    assert (await toccata(system, "flow", "get", f"cli.tests.{name}")).code == 1


async def test_one_file_that_is_not_utf_8_does_not_stop_flow_apply_of_a_folder(system, name, tmp_path):
    (tmp_path / "a.yaml").write_text(greeting(name))
    (tmp_path / "b.yaml").write_bytes(b"id: \xe9t\xe9\n")
    (tmp_path / "c.yaml").write_text(greeting(f"{name}_c"))
    ran = await toccata(system, "flow", "apply", str(tmp_path))
    assert ran.code == 1
    assert f"{tmp_path}/b.yaml: it is not UTF-8 text (byte 4); save it as UTF-8.\n" in ran.out
    assert f"cli.tests.{name} revision 1 created" in ran.out
    assert f"cli.tests.{name}_c revision 1 created" in ran.out
    assert ran.err == "1 file could not be read.\n"


async def test_an_unknown_input_is_refused_before_anything_starts(system, name, tmp_path):
    file = tmp_path / "flow.yaml"
    file.write_text(greeting(name))
    await succeeded(system, "flow", "apply", str(file))
    ran = await toccata(system, "run", f"cli.tests.{name}", "-i", "whom=Ada")
    assert ran.code == 2
    assert ran.err.splitlines() == [
        f"cli.tests.{name} has no input whom.",
        "Did you mean who? The flow's inputs are: who (STRING), times (INT).",
    ]
    assert json.loads(await succeeded(system, "execution", "list", "--flow", name, "-o", "json")) == []


async def test_a_published_event_says_which_triggers_wait_for_it(system, name, tmp_path):
    file = tmp_path / "flow.yaml"
    file.write_text(greeting(name, on_event(name)))
    await succeeded(system, "flow", "apply", str(file))
    trigger = f"cli.tests.{name}.order"

    async def waits() -> bool:
        found = json.loads(await succeeded(system, "trigger", "list", "--flow", name, "-o", "json"))
        return len(found) == 1

    await within(30, waits)
    published = await toccata(system, "events", "publish", "--type", f"{name}.sent")
    assert f"1 trigger waits for such an event: {trigger}\n" in published.out
    nobody = await toccata(system, "events", "publish", "--type", f"other.{name}")
    assert nobody.code == 0
    assert nobody.err.startswith(f"Nothing starts: no trigger waits for an event of type other.{name}")

    assert await succeeded(system, "trigger", "disable", trigger) == f"{trigger} disabled\n"
    disabled = await toccata(system, "events", "publish", "--type", f"{name}.sent")
    assert disabled.err == f"Nothing starts: what waits for such an event is disabled ({trigger}).\n"
    assert "disabled" in await succeeded(system, "trigger", "list", "--flow", name)
    assert await succeeded(system, "trigger", "enable", trigger) == f"{trigger} enabled\n"
    for command in ("enable", "disable", "unlock"):
        unknown = await toccata(system, "trigger", command, f"cli.tests.{name}.gone")
        assert unknown.code == 1
        assert unknown.err.startswith(f"There is no trigger cli.tests.{name}.gone.\n")


async def test_followed_lines_are_in_order_and_name_the_value_of_the_loop(system, name, tmp_path):
    file = tmp_path / "loop.yaml"
    file.write_text(LOOP.format(name=name))
    out = await succeeded(system, "run", str(file), "--follow")
    lines = out.splitlines()[2:]
    assert [line[:12] for line in lines] == sorted(line[:12] for line in lines)
    told = [" ".join(line.split()[1:]) for line in lines]
    for value in ("red", "green"):
        mine = [text for text in told if text.startswith(f"say [{value}]") and "SUBMITTED" not in text]
        assert mine == [
            f"say [{value}] RUNNING",
            f"say [{value}] INFO it is {value}",
            f"say [{value}] SUCCESS",
        ]

    execution = out.splitlines()[1].split()[1]
    logs = await succeeded(system, "execution", "logs", execution)
    assert {" ".join(line.split()[1:3]) for line in logs.splitlines()} == {"say [red]", "say [green]"}
    followed = await succeeded(system, "logs", execution, "--follow", "-o", "json")
    assert {json.loads(line)["message"] for line in followed.splitlines()} == {"it is red", "it is green"}
    latest = yaml.safe_load(await succeeded(system, "logs", "--flow", name, "-o", "yaml"))
    assert {entry["message"] for entry in latest} == {"it is red", "it is green"}


async def test_a_tail_says_what_it_waits_for_and_begins_at_the_given_place(system):
    kind = f"tail.{uuid.uuid4().hex}"
    tail = ("events", "tail", "events", "-c", "1", "-o", "json")
    waiting = asyncio.create_task(toccata(system, *tail))

    async def seen() -> bool:
        await succeeded(system, "events", "publish", "--type", kind)
        return waiting.done()

    await within(60, seen)
    ran = await waiting
    assert ran.err.startswith("Waiting for new records on events. For older ones: --from earliest")
    assert json.loads(ran.out)["headers"]["ce_type"] == kind
    ran = await toccata(system, *tail, "--from", "10m")
    assert ran.code == 0
    assert "since 10m" in ran.err
    ran = await toccata(system, *tail, "--from", "someday")
    assert ran.code == 2


async def test_what_cannot_be_restarted_says_its_state_and_what_can(system, name, tmp_path):
    file = tmp_path / "flow.yaml"
    file.write_text(greeting(name))
    started = json.loads(await succeeded(system, "run", str(file), "-o", "json"))

    async def ended() -> bool:
        page = json.loads(await succeeded(system, "execution", "get", started["id"], "-o", "json"))
        return bool(page["state"]["current"] == "SUCCESS")

    await within(30, ended)
    ran = await toccata(system, "execution", "restart", started["id"])
    assert ran.code == 1
    assert "SUCCESS" in ran.err
    both = await toccata(system, "execution", "restart", started["id"], "0000000000000000000000")
    assert both.code == 1
    assert both.err.splitlines()[-1] == "2 of 2 executions were not changed."


async def test_env_shows_the_system_of_the_environment(system):
    shown = json.loads(await succeeded(system, "env", "-o", "json"))
    values = {row["variable"]: (row["value"], row["source"]) for row in shown}
    assert values["TOCCATA_URL"] == (system.url, "TOCCATA_URL")
    assert values["TOCCATA_AUTH_PASSWORD"] == ("***", "TOCCATA_AUTH_PASSWORD")


async def test_a_reader_that_goes_early_is_no_failure(system):
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "wb") as pipe:
        ran = await toccata(system, "flow", "list", "-o", "json", stdout=pipe)
    assert (ran.code, ran.err) == (141, "")


async def test_a_rebuild_beside_a_running_system_shows_the_same_executions(own_system, name, tmp_path):
    file = tmp_path / "flow.yaml"
    file.write_text(greeting(name))
    await succeeded(own_system, "run", str(file), "--follow")
    listing = ("execution", "list", "-n", "cli.tests", "-o", "json")
    before = json.loads(await succeeded(own_system, *listing))

    assert "The projection was rebuilt" in await succeeded(own_system, "rebuild")
    assert json.loads(await succeeded(own_system, *listing)) == before

    await succeeded(own_system, "run", str(file), "--follow")
    assert len(json.loads(await succeeded(own_system, *listing))) == len(before) + 1


async def test_values_are_stored_shown_listed_and_deleted(system, name):
    space = f"cli.{name}"
    await succeeded(system, "kv", "set", space, "day", "2024-05-01", "--ttl", "PT1H", "--description", "why")
    await succeeded(system, "kv", "set", space, "map", '{"a": [1]}')
    assert await succeeded(system, "kv", "get", space, "day") == "2024-05-01\n"
    assert await succeeded(system, "kv", "get", space, "map") == '{"a": [1]}\n'
    assert json.loads(await succeeded(system, "kv", "get", space, "day", "-o", "json"))["type"] == "DATE"
    listed = await succeeded(system, "kv", "list", space)
    assert [line.split()[1] for line in listed.splitlines()] == ["KEY", "day", "map"]
    assert "why" in listed

    gone = await toccata(system, "kv", "delete", space, "day", "no")
    assert (gone.code, gone.out) == (1, "day deleted\n")
    assert gone.err.splitlines()[0] == f"There is no value for no in namespace {space}."
    missing = await toccata(system, "kv", "get", space, "day")
    assert (missing.code, "No value found for key 'day'" in missing.err) == (1, True)
