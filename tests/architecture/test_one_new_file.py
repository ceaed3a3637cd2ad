"""A new type of flowable, input or task, and a new plugin family, each need one new file, besides generated files."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
GENERATED = {
    "contracts/language/types/index.py",
    "toccata/plugins/host/index.json",
    "toccata/plugins/host/documentation/core.json",
    "toccata/plugins/host/documentation/echo.json",
}

FLOWABLE = '''
from contracts.language.expression.template import Template, compile_template
from contracts.language.types.behaviour import Lists, N, Opening, Rendering
from contracts.language.types.declaration import TAIL, FlowableType, Slot, case_list
from contracts.language.types.flowable.sequential import following
from contracts.language.types.property import Properties, dynamic
from contracts.scalars import JsonObject


class Choose(Properties):
    """Runs the tasks of the case that the value names."""

    value: str = dynamic(doc="names a case")


def compiled(properties: Choose) -> Template:
    return compile_template(properties.value)


def opening(value: Template, rendering: Rendering) -> Opening:
    return Opening({"case": rendering.text(value)})


def main(lists: Lists[N], outputs: JsonObject) -> tuple[N, ...]:
    return lists.get(case_list("cases", outputs["case"]), ())


CHOOSE: FlowableType[Template] = FlowableType(
    name="example.flow.Choose",
    title="Run the tasks of a case",
    properties=Choose,
    slots={"cases": Slot("cases", required=True), **TAIL},
    compile=compiled,
    opening=opening,
    following=following,
    main=main,
)
'''
RUN_FLOWABLE = '''
from contracts.language.flow.validate import validate
from tests.support.rig.executions import started
from toccata.plugins.host.catalog import PluginCatalog

SOURCE = """
id: f
namespace: tests
inputs: [{id: size, type: STRING}]
tasks:
  - id: choose
    type: example.flow.Choose
    value: "{{ inputs.size }}"
    cases:
      small: [{id: one, type: io.kestra.plugin.core.log.Log, message: one}]
      large:
        - {id: two, type: io.kestra.plugin.core.log.Log, message: two}
        - {id: three, type: io.kestra.plugin.core.log.Log, message: three}
"""
catalog = PluginCatalog.load()
assert validate(SOURCE, catalog).flow is not None
assert catalog.documentation("example.flow.Choose").properties["required"] == ["value", "cases"]
for size, tasks in (("small", ["one"]), ("large", ["two", "three"]), ("other", [])):
    rig = started(SOURCE, inputs={"size": size})
    assert rig.run("choose").outputs == {"case": size}
    for task in tasks:
        assert rig.out() == [task], rig.out()
        rig.report(task)
    assert rig.state() == "SUCCESS", rig.states()
    rig.assert_rebuilds()
'''
INPUT = '''
from pydantic import Field

from contracts.language.types.declaration import InputType
from contracts.language.types.input.common import Input
from contracts.language.types.input.value import text_of


class ColourInput(Input):
    """A colour as on the web."""

    grey: bool = Field(True, description="shades of grey are accepted")


def parse(value: object) -> str:
    text = text_of(value).lower()
    if len(text) != 7 or text[0] != "#":
        raise ValueError(f"`{text}` is no colour")
    return text


def check(declared: ColourInput, value: str) -> list[str]:
    return [] if declared.grey or len({value[1:3], value[3:5], value[5:]}) > 1 else ["it must not be grey"]


COLOUR = InputType(name="COLOUR", title="Colour", properties=ColourInput, parse=parse, check=check)
'''
RUN_INPUT = '''
from contracts.language.flow.validate import validate
from tests.support.rig.executions import started
from toccata.plugins.host.catalog import PluginCatalog

SOURCE = """
id: f
namespace: tests
inputs:
  - {id: paint, type: COLOUR, grey: false}
  - {id: more, type: ARRAY, itemType: COLOUR, defaults: ["#FF0000"]}
tasks: [{id: t, type: io.kestra.plugin.core.log.Log, message: "{{ inputs.paint }}"}]
outputs: [{id: first, type: COLOUR, value: "{{ inputs.more[0] }}"}]
"""
catalog = PluginCatalog.load()
assert validate(SOURCE, catalog).flow is not None
assert validate(SOURCE.replace("grey", "gray"), catalog).flow is None
rig = started(SOURCE, inputs={"paint": "#00FF00"})
rig.report("t")
assert (rig.state(), rig.seen().outputs) == ("SUCCESS", {"first": "#ff0000"})
for wrong, cause in (("red", "is no colour"), ("#777777", "must not be grey")):
    rig = started(SOURCE, inputs={"paint": wrong})
    assert rig.state() == "FAILED"
    assert any(cause in line for line in rig.logs), rig.logs
'''
TASK = '''
from toccata.plugin import Outputs, Properties, RunContext, TaskType, dynamic


class Echo(Properties):
    """Says it again."""

    text: str = dynamic(doc="what")


async def run(task: Echo, run: RunContext) -> Outputs:
    run.log("INFO", task.text)
    return {"text": task.text}


ECHO = TaskType(name="example.NAME.Echo", title="Say it again", properties=Echo, run=run)
'''
RUN_TASK = """
import asyncio
from pathlib import Path
from contracts.language.flow.validate import validate
from toccata.plugins.host.catalog import PluginCatalog
from toccata.testing import run_alone

catalog = PluginCatalog.load()
source = "id: f\\nnamespace: tests\\ntasks: [{id: t, type: example.NAME.Echo, text: hello}]\\n"
assert validate(source, catalog).flow is not None
assert validate(source.replace("text", "texts"), catalog).flow is None
assert catalog.documentation("example.NAME.Echo").description == "Says it again."
ran = asyncio.run(run_alone(catalog.task("example.NAME.Echo"), {"text": "{{ a }}"}, Path("."), {"a": "hello"}))
assert ran.outputs == {"text": "hello"}
"""


@pytest.fixture(scope="module")
def pristine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    tree = tmp_path_factory.mktemp("pristine")
    ignore = shutil.ignore_patterns("__pycache__", "node_modules", "docs", "ui")
    for part in ("contracts", "services", "toccata", "tests/support"):
        shutil.copytree(ROOT / part, tree / part, ignore=ignore)
    (tree / "tests" / "__init__.py").touch()
    return tree


@pytest.mark.parametrize(
    ("file", "text", "proof"),
    [
        ("contracts/language/types/flowable/choose.py", FLOWABLE, RUN_FLOWABLE),
        ("contracts/language/types/input/colour.py", INPUT, RUN_INPUT),
        (
            "toccata/plugins/families/core/echo.py",
            TASK.replace("NAME", "core"),
            RUN_TASK.replace("NAME", "core"),
        ),
        (
            "toccata/plugins/families/echo/types.py",
            TASK.replace("NAME", "own"),
            RUN_TASK.replace("NAME", "own"),
        ),
    ],
    ids=["flowable", "input type", "task type", "family"],
)
def test_a_new_type_is_one_new_file(pristine: Path, tmp_path: Path, file: str, text: str, proof: str) -> None:
    tree = tmp_path / "tree"
    shutil.copytree(pristine, tree)
    (tree / file).parent.mkdir(exist_ok=True)
    (tree / file).write_text(text)
    run(tree, "-m", "contracts.language.types.generate")
    run(tree, "-m", "toccata.plugins.generate")

    run(tree, "-c", proof)

    before, after = contents(pristine), contents(tree)
    changed = {path for path in before.keys() | after.keys() if before.get(path) != after.get(path)}
    assert file in changed
    assert changed - {file} <= GENERATED


def run(tree: Path, *arguments: str) -> None:
    done = subprocess.run(
        [sys.executable, "-B", *arguments], cwd=tree, capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr


def contents(tree: Path) -> dict[str, bytes]:
    parts = (tree / part for part in ("contracts", "services", "toccata", "tests"))
    files = (path for part in parts for path in part.rglob("*") if path.is_file())
    return {path.relative_to(tree).as_posix(): path.read_bytes() for path in files}
