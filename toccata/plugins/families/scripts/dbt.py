"""``dbt.cli.*``: dbt's command line, in its words (``DbtCLI``), or in properties (``Run``, ``Test``, …)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from shlex import quote
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BeforeValidator

from toccata.plugin import Properties, TaskType, Texts, dynamic, write_json
from toccata.plugins.families.scripts.tools import ToolTask, declared
from toccata.plugins.families.scripts.types import ScriptOutputs

_ENVIRONMENT = {"PYTHONUNBUFFERED": "true", "PIP_ROOT_USER_ACTION": "ignore"}
PROFILES_FOLDER = ".profile"


def _profiles_text(value: object) -> object:
    """JSON is YAML, too."""
    return write_json(value).decode() if isinstance(value, dict) else value


Profiles = Annotated[str, BeforeValidator(_profiles_text)]


class KvStoreManifest(Properties):
    """A value in the key-value store."""

    key: str = dynamic(doc="its key")
    namespace: str = dynamic(doc="its namespace")


class DbtTask(ToolTask):
    project_dir: str | None = dynamic(None, doc="folder of the project; default: the working directory")
    profiles: Profiles | None = dynamic(None, doc="content of `profiles.yml`: a text, or a map")
    parse_run_results: bool = dynamic(default=True, doc="keep `run_results.json` as an output file")

    def environment(self, private: Path) -> dict[str, str]:
        del private
        return _ENVIRONMENT


class DbtCommands(DbtTask):
    """Runs lines of a shell. Those that begin with `dbt` also get the project's folder and the form of the log. Warnings of dbt make
    the task WARNING."""

    commands: list[str] = dynamic(doc="shell lines, such as `dbt build`")
    log_format: Literal["JSON", "TEXT", "DEBUG", "NONE"] = dynamic(
        "JSON",
        doc="form of dbt's lines; with JSON they come into the log with their level, NONE adds nothing",
    )
    engine: Literal["CORE", "FUSION"] = dynamic(
        "CORE", ignored="the image, or the worker, says which dbt runs"
    )
    store_manifest: KvStoreManifest | None = dynamic(
        None, doc="keep `manifest.json` in the key-value store after the run"
    )
    load_manifest: KvStoreManifest | None = dynamic(
        None, doc="write `manifest.json` of the key-value store into the working directory before the run"
    )

    def lines(self) -> list[str]:
        return [self._completed(line) for line in self.commands]

    def _completed(self, line: str) -> str:
        if line.split(" ", 1)[0] != "dbt":
            return line
        more = {"--log-path": "logs"}
        if self.project_dir is not None:
            more["--project-dir"] = quote(self.project_dir)
        if self.log_format != "NONE":
            more["--log-format"] = self.log_format.lower()
        return line + "".join(f" {name} {value}" for name, value in more.items() if name not in line)

    def files(self) -> Mapping[str, str]:
        if self.profiles is None:
            return {}
        folder = f"{self.project_dir.rstrip('/')}/" if self.project_dir else ""
        return {f"{folder}profiles.yml": self.profiles}


class DbtRun(DbtTask):
    verb: ClassVar[str]
    """What dbt is told to do."""

    dbt_path: str = dynamic("./bin/dbt", doc="path of dbt; if it is not there, `dbt` on the PATH is taken")
    fail_fast: bool = dynamic(default=False, doc="stop at the first node that fails")
    warn_error: bool = dynamic(default=False, doc="warnings are errors")
    debug: bool = dynamic(default=False, doc="print what dbt does")
    thread: int | None = dynamic(None, doc="number of threads", ge=1)
    full_refresh: bool = dynamic(default=False, doc="build incremental models anew")
    target: str | None = dynamic(None, doc="target of the profile")
    selector: str | None = dynamic(None, doc="name of a selector in `selectors.yml`")
    select: Texts = dynamic([], doc="nodes that are wanted")
    exclude: Texts = dynamic([], doc="nodes that are not wanted")
    docker_options: Any = dynamic(None, ignored="its new name is `docker`")

    def lines(self) -> list[str]:
        path = quote(self.dbt_path)
        words = [f"$(test -x {path} && echo {path} || echo dbt)", "--log-format json"]
        words += [f"--{name}" for name, is_on in self._switches().items() if is_on]
        words += [
            self.verb,
            f"--profiles-dir {PROFILES_FOLDER if self.profiles else self._folder_of_profiles()}",
        ]
        words += [f"--{name} {quote(value)}" for name, value in self._values().items() if value is not None]
        words += ["--full-refresh"] if self.full_refresh else []
        for name, nodes in (("select", self.select), ("exclude", self.exclude)):
            words += [f"--{name} {' '.join(map(quote, nodes))}"] if nodes else []
        return [" ".join(words)]

    def _folder_of_profiles(self) -> str:
        """What `Setup` wrote, or else the project's own."""
        return (
            f"$(test -d {PROFILES_FOLDER} && echo {PROFILES_FOLDER} || echo {quote(self.project_dir or '.')})"
        )

    def _switches(self) -> dict[str, bool]:
        return {"debug": self.debug, "fail-fast": self.fail_fast, "warn-error": self.warn_error}

    def _values(self) -> dict[str, str | None]:
        return {
            "project-dir": self.project_dir,
            "threads": None if self.thread is None else str(self.thread),
            "target": self.target,
            "selector": self.selector,
        }

    def files(self) -> Mapping[str, str]:
        return {} if self.profiles is None else {f"{PROFILES_FOLDER}/profiles.yml": self.profiles}


class Build(DbtRun):
    """Runs models, tests, snapshots and seeds."""

    verb = "build"


class Compile(DbtRun):
    """Makes the SQL of models, and runs nothing."""

    verb = "compile"


class Deps(DbtRun):
    """Gets the packages of the project."""

    verb = "deps"


class Freshness(DbtRun):
    """Looks how old sources are."""

    verb = "source freshness"


class List(DbtRun):
    """Lists the nodes of the project."""

    verb = "list"


class Run(DbtRun):
    """Runs models."""

    verb = "run"


class Seed(DbtRun):
    """Loads the files of the project into tables."""

    verb = "seed"


class Snapshot(DbtRun):
    """Keeps what rows were like."""

    verb = "snapshot"


class Test(DbtRun):
    """Runs tests."""

    __test__ = False
    verb = "test"


class Setup(ToolTask):
    """Makes a virtual environment with dbt in the working directory, and writes `profiles.yml`. Tasks of the same working directory use both."""

    profiles: Profiles = dynamic(doc="content of `profiles.yml`: a text, or a map")
    requirements: Texts = dynamic(doc="what is installed, such as `dbt-duckdb`", min_length=1)
    python_path: str = dynamic("python", doc="the Python that makes the environment")
    exit_on_failed: bool = dynamic(default=True, ignored="its new name is `failFast`")
    docker_options: Any = dynamic(None, ignored="its new name is `docker`")

    def lines(self) -> list[str]:
        return [
            f"{quote(self.python_path)} -m venv --system-site-packages .",
            f"./bin/python -m pip install --quiet {' '.join(map(quote, self.requirements))}",
        ]

    def environment(self, private: Path) -> dict[str, str]:
        del private
        return _ENVIRONMENT

    def files(self) -> Mapping[str, str]:
        return {f"{PROFILES_FOLDER}/profiles.yml": self.profiles}


class DbtOutputs(ScriptOutputs):
    warningDetected: bool | None = None  # noqa: N815 - the name in flows


_PROFILES = "profiles:\n  shop:\n    target: dev\n    outputs: {dev: {type: duckdb, path: shop.duckdb}}\n"


def _of(properties: type[DbtRun], title: str) -> TaskType:
    name = properties.__name__
    return declared(
        f"dbt.cli.{name}", title, properties, _PROFILES + "target: dev", "dbt:run_dbt", DbtOutputs
    )


DBT_CLI = declared(
    "dbt.cli.DbtCLI",
    "Run commands of dbt",
    DbtCommands,
    _PROFILES + "commands:\n  - dbt deps\n  - dbt build",
    "dbt:run_commands",
    DbtOutputs,
)
SETUP = declared(
    "dbt.cli.Setup", "Install dbt", Setup, _PROFILES + "requirements: [dbt-duckdb]", "dbt:run_setup"
)
BUILD = _of(Build, "Run models, tests, snapshots and seeds of dbt")
COMPILE = _of(Compile, "Compile models of dbt")
DEPS = _of(Deps, "Get packages of dbt")
FRESHNESS = _of(Freshness, "Look how old the sources of dbt are")
LIST = _of(List, "List nodes of dbt")
RUN = _of(Run, "Run models of dbt")
SEED = _of(Seed, "Load seeds of dbt")
SNAPSHOT = _of(Snapshot, "Take snapshots with dbt")
TEST = _of(Test, "Run tests of dbt")
