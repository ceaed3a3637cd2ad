"""The files of a new third-party package: one task type, its test, and the entry point by which Toccata finds it."""

from __future__ import annotations

from collections.abc import Mapping
from string import Template

_PYPROJECT = """\
[build-system]
requires = ["setuptools>=80"]
build-backend = "setuptools.build_meta"

[project]
name = "$name"
version = "0.1.0"
description = "Task types for Toccata."
readme = "README.md"
requires-python = ">=3.11"
dependencies = []  # libraries that your tasks use; Toccata itself need not be listed

[project.entry-points."toccata.plugins"]
$package = "$package.hello"

[tool.setuptools]
packages = ["$package"]

[tool.setuptools.package-data]
"*" = ["*.json"]  # what `toccata plugin index` writes

[tool.pytest.ini_options]
pythonpath = ["."]
testpaths = ["tests"]
"""

_README = """\
# $name

Task types for Toccata.

| type | what it does |
|---|---|
| `$package.Hello` | greets somebody, several times |

```yaml
id: hello
namespace: company.team
tasks:
  - id: greet
    type: $package.Hello
    name: "{{ flow.id }}"
    times: 2
```

- Test it: `python -m pytest`, with the Python of an environment that has Toccata, such as `.venv/bin/python` of a checkout.
  `python -m pip install pytest` puts pytest there.
- Install it: `pip install .` where Toccata is installed, or `pip install --target FOLDER .` with `TOCCATA_PLUGIN_PATH=FOLDER` for
  web and workers. `toccata plugin list` shows its types.
- For each further module with types, add a line below `[project.entry-points."toccata.plugins"]` in `pyproject.toml`.
- Run `toccata plugin index` before you publish a version. Toccata then lists your types without importing them.
"""

_HELLO = '''\
"""``$package.Hello``: greets somebody."""

from __future__ import annotations

from pydantic import BaseModel

from toccata.plugin import Outputs, Properties, RunContext, TaskType, dynamic


class Hello(Properties):
    """Greets somebody, several times."""

    name: str = dynamic(doc="whom to greet")
    times: int = dynamic(1, doc="how often", ge=1)


class HelloOutputs(BaseModel):
    greeting: str


async def run(task: Hello, run: RunContext) -> Outputs:
    greeting = " ".join([f"Hello, {task.name}!"] * task.times)
    run.log("INFO", greeting)
    return {"greeting": greeting}


HELLO = TaskType(
    name="$package.Hello",
    title="Greet somebody",
    properties=Hello,
    run=run,
    outputs=HelloOutputs,
    examples=("id: greet\\ntype: $package.Hello\\nname: Ada",),
)
'''

_TEST = """\
from __future__ import annotations

import asyncio
from pathlib import Path

from $package.hello import HELLO
from toccata.testing import problems, run_alone


def test_it_greets_as_often_as_it_is_told(tmp_path: Path) -> None:
    written = {"name": "{{ inputs.who }}", "times": "{{ 1 + 1 }}"}
    ran = asyncio.run(run_alone(HELLO, written, tmp_path, {"inputs": {"who": "Ada"}}))
    assert ran.outputs == {"greeting": "Hello, Ada! Hello, Ada!"}
    assert ran.logs == [("INFO", "Hello, Ada! Hello, Ada!")]


def test_it_greets_at_least_once() -> None:
    (problem,) = problems(HELLO, {"name": "Ada", "times": 0})
    assert problem.path == "times"
"""


def package_files(name: str, package: str) -> Mapping[str, str]:
    """By path."""
    files = {
        "pyproject.toml": _PYPROJECT,
        "README.md": _README,
        f"{package}/__init__.py": '"""Task types for Toccata."""\n',
        f"{package}/hello.py": _HELLO,
        "tests/test_hello.py": _TEST,
    }
    return {path: Template(text).substitute(name=name, package=package) for path, text in files.items()}
