from __future__ import annotations

import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path

import pytest

from toccata.plugin import Properties, TaskType, dynamic
from toccata.plugins.host.catalog import PluginCatalog
from toccata.plugins.host.discovery import OURS, our_plugins, plugin_folders, third_party_plugins
from toccata.plugins.host.document import json_schema, markdown

LOG = "io.kestra.plugin.core.log.Log"


@pytest.fixture(scope="module")
def catalog() -> PluginCatalog:
    return PluginCatalog(our_plugins())


@pytest.mark.parametrize(
    ("alias", "name"),
    [
        ("io.kestra.core.tasks.log.Log", LOG),
        ("io.kestra.core.tasks.debugs.Return", "io.kestra.plugin.core.debug.Return"),
        ("io.kestra.core.tasks.debugs.Echo", "io.kestra.plugin.core.debug.Echo"),
        ("io.kestra.core.tasks.executions.Fail", "io.kestra.plugin.core.execution.Fail"),
    ],
)
def test_an_old_name_resolves_to_the_present_type(catalog: PluginCatalog, alias: str, name: str) -> None:
    info = catalog.resolve(alias)
    assert info is not None
    assert (info.name, info.deprecated_by) == (name, name)
    assert catalog.task(alias) is catalog.task(name)


def test_the_types_of_the_first_part_are_there(catalog: PluginCatalog) -> None:
    expected = {
        LOG,
        "io.kestra.plugin.core.debug.Return",
        "io.kestra.plugin.core.output.OutputValues",
        "io.kestra.plugin.core.execution.Fail",
        "io.kestra.plugin.core.flow.Sleep",
        "io.kestra.plugin.scripts.shell.Commands",
        "io.kestra.plugin.scripts.python.Script",
        "io.kestra.plugin.core.runner.Process",
    }
    assert expected <= {plugin.name for plugin in catalog}


def test_names_are_case_sensitive_and_unknown_ones_are_nothing(catalog: PluginCatalog) -> None:
    assert catalog.resolve(LOG.lower()) is None
    assert catalog.check("no.such.Type", {})[0].message == "Invalid type: no.such.Type"


def test_type_information_tells_kind_properties_and_what_is_static(catalog: PluginCatalog) -> None:
    script = catalog.resolve("io.kestra.plugin.scripts.python.Script")
    runner = catalog.resolve("io.kestra.plugin.core.runner.Process")
    assert script is not None
    assert runner is not None
    assert (script.kind, runner.kind) == ("runnable", "runner")
    assert {"script", "beforeCommands", "taskRunner"} <= (script.properties or frozenset())
    assert "taskRunner" in script.static
    assert "script" not in script.static


def test_a_second_declaration_of_a_name_is_refused_and_reported() -> None:
    async def run(task: Properties, run: object) -> None:
        del task, run

    class Other(Properties):
        message: str = dynamic()

    catalog = PluginCatalog(our_plugins())
    first = catalog.task(LOG)
    catalog.add(TaskType(name=LOG, title="Mine", properties=Other, run=run))
    assert catalog.task(LOG) is first
    assert LOG in catalog.broken[0].reason


def test_a_task_runner_that_is_not_there_is_refused_with_what_is(catalog: PluginCatalog) -> None:
    docker = "io.kestra.plugin.scripts.runner.docker.Docker"
    violations = catalog.check(
        "io.kestra.plugin.scripts.python.Script", {"script": "pass", "taskRunner": {"type": docker}}
    )
    (violation,) = violations
    assert violation.path == "taskRunner.type"
    assert docker in violation.message
    assert "io.kestra.plugin.core.runner.Process" in violation.message


def test_every_type_has_a_title_a_text_and_documentation_of_each_property(catalog: PluginCatalog) -> None:
    for plugin in catalog:
        schema = json_schema(plugin)
        text = markdown(plugin)
        assert plugin.title
        assert plugin.properties.__doc__
        for name in schema.get("properties", {}):
            assert f"| `{name}` |" in text


def test_the_schema_of_a_dynamic_property_takes_an_expression_too(catalog: PluginCatalog) -> None:
    sleep = catalog.task("io.kestra.plugin.core.flow.Sleep")
    assert sleep is not None
    duration = json_schema(sleep)["properties"]["duration"]
    assert {"type": "string", "pattern": r"\{[{%]", "description": "an expression"} in duration["anyOf"]
    assert duration["$dynamic"] is True


def test_importing_all_declarations_imports_no_heavy_library() -> None:
    modules = ", ".join(OURS)
    heavy = ["obstore", "psutil", "aiokafka", "asyncpg", "fastapi", "httpx"]
    code = f"import sys, {modules}; print(','.join(m for m in {heavy!r} if m in sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""


def test_the_plugin_path_is_split_like_path() -> None:
    assert plugin_folders(None) == []
    assert plugin_folders("/a:/b") == [Path("/a"), Path("/b")]


def test_no_plugin_of_this_environment_hides_behind_our_entry_point_group() -> None:
    assert third_party_plugins().broken == []
    assert len(third_party_plugins().plugins) >= len(entry_points(group="toccata.plugins"))
