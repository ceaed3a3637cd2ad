from __future__ import annotations

import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path

import pytest

from contracts.language.flow.validate import validate
from toccata.plugin import Properties, TaskType, dynamic, static
from toccata.plugins.generate import modules
from toccata.plugins.host.catalog import PluginCatalog
from toccata.plugins.host.discovery import Offer, plugin_folders, third_party_plugins
from toccata.plugins.host.document import documentation_of, markdown
from toccata.plugins.host.entry import Entry, entry_of

LOG = "io.kestra.plugin.core.log.Log"


@pytest.fixture(scope="module")
def catalog() -> PluginCatalog:
    return PluginCatalog.load()


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
    assert "runner" in script.static
    assert "script" not in script.static


def test_a_second_declaration_of_a_name_is_refused_and_reported() -> None:
    async def run(task: Properties, run: object) -> None:
        del task, run

    class Other(Properties):
        message: str = dynamic()

    catalog = PluginCatalog.load()
    first = catalog.task(LOG)
    catalog.add(TaskType(name=LOG, title="Mine", properties=Other, run=run))
    assert catalog.task(LOG) is first
    assert LOG in catalog.broken[0].reason


def test_an_alias_that_is_taken_is_refused_and_reported() -> None:
    """An alias could take away the name of another type."""
    catalog = PluginCatalog.load()
    first = catalog.task(LOG)
    catalog.add(
        TaskType(name="example.Log", title="Mine", properties=Properties, run="example:run", aliases=(LOG,))
    )
    assert catalog.task(LOG) is first
    assert catalog.resolve("example.Log") is not None
    assert LOG in catalog.broken[0].reason


def test_a_task_runner_that_is_not_there_is_refused_with_what_is(catalog: PluginCatalog) -> None:
    cloud = "io.kestra.plugin.ee.kubernetes.runner.Kubernetes"
    violations = catalog.check(
        "io.kestra.plugin.scripts.python.Script", {"script": "pass", "taskRunner": {"type": cloud}}
    )
    (violation,) = violations
    assert violation.path == "taskRunner.type"
    assert cloud in violation.message
    assert "io.kestra.plugin.core.runner.Process" in violation.message


def test_every_type_has_a_title_a_text_and_documentation_of_each_property(catalog: PluginCatalog) -> None:
    for entry in catalog:
        document = catalog.documentation(entry.name)
        assert document is not None
        assert document.title == entry.title != ""
        assert document.description
        text = markdown(document)
        assert set(document.properties["properties"]) == set(entry.properties)
        for name in entry.properties:
            assert f"| `{name}` |" in text


def test_the_documentation_has_a_table_of_each_kind_of_nested_object() -> None:
    class Inner(Properties):
        """Signs in."""

        token: str = static(doc="a token")
        depth: dict[str, int] = static({}, doc="how deep")

    class Outer(Properties):
        """Calls."""

        auth: Inner | None = dynamic(None, doc="who calls")
        several: list[Inner] = dynamic([], doc="more")

    document = documentation_of(
        TaskType(name="example.Call", title="Call", properties=Outer, run="example:run")
    )
    text = markdown(document)
    assert "| `auth` | `Inner` |" in text
    assert "| `several` | list of `Inner` |" in text
    assert "### Inner\n\nSigns in." in text
    assert "| `token` | string |  | required | a token |" in text
    assert "| `depth` | map of integer |" in text


def test_the_schema_of_a_dynamic_property_takes_an_expression_too(catalog: PluginCatalog) -> None:
    sleep = catalog.documentation("io.kestra.plugin.core.flow.Sleep")
    assert sleep is not None
    duration = sleep.properties["properties"]["duration"]
    assert {"type": "string", "pattern": r"\{[{%]", "description": "an expression"} in duration["anyOf"]
    assert duration["$dynamic"] is True


def test_importing_all_declarations_imports_no_heavy_library() -> None:
    declaring = ", ".join(modules())
    heavy = ["obstore", "psutil", "aiokafka", "asyncpg", "fastapi", "httpx"]
    code = f"import sys, {declaring}; print(','.join(m for m in {heavy!r} if m in sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""


def test_the_plugin_path_is_split_like_path() -> None:
    assert plugin_folders(None) == []
    assert plugin_folders("/a:/b") == [Path("/a"), Path("/b")]


def test_no_plugin_of_this_environment_hides_behind_our_entry_point_group() -> None:
    assert third_party_plugins().broken == []
    assert len(third_party_plugins().offers) >= len(entry_points(group="toccata.plugins"))


def test_each_type_is_listed_once() -> None:
    """Schedule, Webhook and Event stood twice in GET /api/v1/plugins."""
    names = [entry.name for entry in PluginCatalog.load()]
    assert len(names) == len(set(names))
    assert {"io.kestra.plugin.core.trigger.Schedule", "io.kestra.plugin.core.flow.If", LOG} <= set(names)


def test_a_flowable_has_documentation_and_a_schema(catalog: PluginCatalog) -> None:
    """GET /api/v1/plugins/io.kestra.plugin.core.flow.If was 404."""
    document = catalog.documentation("io.kestra.core.tasks.flows.If")
    assert document is not None
    assert document.name == "io.kestra.plugin.core.flow.If"
    assert {"condition", "then", "else", "errors", "finally"} == set(document.properties["properties"])
    assert document.properties["required"] == ["condition", "then"]
    text = markdown(document)
    for part in (
        "## Properties",
        "| `condition` | string |",
        "| `then` | list of object |",
        "## Outputs",
        "## Example",
    ):
        assert part in text


USED_ALONE = """
import sys
from contracts.language.flow.validate import validate
from toccata.plugins.host.catalog import PluginCatalog

catalog = PluginCatalog.load()
source = "id: a\\nnamespace: b\\ntasks: [{id: t, type: io.kestra.plugin.core.log.Log, message: hello}]\\n"
assert validate(source, catalog).flow is not None
for name in sys.modules:
    if name.startswith("toccata.plugins.families.") or name in ("asyncio", "obstore"):
        print(name)
"""


def test_validating_a_flow_imports_only_the_types_that_it_uses() -> None:
    done = subprocess.run([sys.executable, "-c", USED_ALONE], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["toccata.plugins.families.core", "toccata.plugins.families.core.log"]


def test_listing_and_documenting_types_imports_no_family() -> None:
    code = (
        "import sys; from toccata.plugins.host.catalog import PluginCatalog; catalog = PluginCatalog.load();"
        "assert all(catalog.documentation(entry.name) for entry in catalog);"
        "print(*(name for name in sys.modules if name.startswith('toccata.plugins.families.')))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []


def test_a_type_whose_libraries_are_not_installed_names_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "heavy_weather.py").write_text("import library_that_nobody_has\n")
    monkeypatch.syspath_prepend(tmp_path)
    catalog = PluginCatalog()
    entry = Entry(
        name="com.acme.Heavy",
        kind="runnable",
        title="Heavy",
        module="heavy_weather",
        attribute="HEAVY",
        extra="toccata[weather]",
    )
    catalog.offer(Offer(entry))
    source = "id: a\nnamespace: n\ntasks:\n  - id: t\n    type: com.acme.Heavy\n"
    (violation,) = validate(source, catalog).errors
    assert (violation.path, violation.line) == ("tasks[0].type", 5)
    assert violation.message == (
        "type com.acme.Heavy could not be loaded: it needs `library_that_nobody_has`, which is not installed here."
        " Install it: pip install 'toccata[weather]'"
    )


def test_the_index_keeps_what_to_install_for_a_task() -> None:
    declared = TaskType(
        name="com.acme.Heavy", title="Heavy", properties=Properties, run="heavy:run", extra="toccata[weather]"
    )
    assert entry_of(declared, "heavy", "HEAVY").extra == "toccata[weather]"


@pytest.mark.parametrize(
    ("entry_point", "module"), [("x = !!!", ""), ("x =", ""), ("x = broken_house", "raise SystemExit(3)")]
)
def test_a_package_with_a_broken_entry_point_is_reported_and_ends_nobody(
    tmp_path, monkeypatch, entry_point, module
):
    """It ended web, every worker and the command line as they started."""
    about = tmp_path / "broken_house-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: broken-house\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text(f"[toccata.plugins]\n{entry_point}\n")
    (tmp_path / "broken_house.py").write_text(module)
    monkeypatch.setattr(sys, "path", [*sys.path])
    (broken,) = third_party_plugins([tmp_path]).broken
    assert (broken.name, broken.origin) == ("x", str(tmp_path))
