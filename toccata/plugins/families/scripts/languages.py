"""Scripts and commands of languages that are nothing but another program on the worker: one line a language."""

from __future__ import annotations

from dataclasses import dataclass

from toccata.plugin import TaskType, dynamic
from toccata.plugins.families.scripts.types import ScriptOutputs, ScriptTask, ShellCommands

_RUN = "toccata.plugins.families.scripts.run"
_PWSH = ["pwsh", "-NoProfile", "-NonInteractive", "-Command"]


class LanguageScript(ScriptTask):
    """Runs a script with a program of the worker. If the worker does not have the program, the task fails and says so."""

    script: str = dynamic(doc="the text of the script")


class LanguageCommands(ShellCommands):
    """Runs command lines in one shell, on a worker that has the language's programs."""


class PowerShellScript(LanguageScript):
    """Runs a PowerShell script."""

    interpreter: list[str] = dynamic(_PWSH, doc="program and arguments that run the joined commands")


class PowerShellCommands(LanguageCommands):
    """Runs PowerShell commands in one process."""

    interpreter: list[str] = dynamic(_PWSH, doc="program and arguments that run the joined commands")


class JBangScript(LanguageScript):
    """Runs a script of Java, Kotlin or Groovy with JBang."""

    extension: str = dynamic(".java", doc="ending of the script's file, which says its language")
    quiet: bool = dynamic(default=True, doc="JBang itself prints nothing")


@dataclass(frozen=True, slots=True)
class Language:
    """How a worker runs a script."""

    title: str
    ending: str
    """Of the script's file."""
    argv: tuple[str, ...]
    """The program and its arguments before the file."""


LANGUAGES = {
    "bun": Language("Bun", ".ts", ("bun", "run")),
    "deno": Language("Deno", ".ts", ("deno", "run")),
    "go": Language("Go", ".go", ("go", "run")),
    "groovy": Language("Groovy", ".groovy", ("groovy",)),
    "jbang": Language("JBang", ".java", ("jbang",)),
    "julia": Language("Julia", ".jl", ("julia",)),
    "lua": Language("Lua", ".lua", ("lua",)),
    "node": Language("Node.js", ".js", ("node",)),
    "perl": Language("Perl", ".pl", ("perl",)),
    "php": Language("PHP", ".php", ("php",)),
    "powershell": Language("PowerShell", ".ps1", ("pwsh",)),
    "r": Language("R", ".R", ("Rscript",)),
    "ruby": Language("Ruby", ".rb", ("ruby",)),
}
"""By the package of the types."""


def package_of(type_name: str) -> str:
    """``io.kestra.plugin.scripts.node.Script`` is of the package ``node``."""
    return type_name.split(".")[-2]


def _script(package: str, properties: type[ScriptTask] = LanguageScript) -> TaskType:
    return _declared(package, "Script", f"Run a {LANGUAGES[package].title} script", properties, "run_text")


def _commands(package: str, properties: type[ScriptTask] = LanguageCommands) -> TaskType:
    title = f"Run commands that use {LANGUAGES[package].title}"
    return _declared(package, "Commands", title, properties, "run_commands")


def _declared(package: str, kind: str, title: str, properties: type[ScriptTask], run: str) -> TaskType:
    return TaskType(
        name=f"io.kestra.plugin.scripts.{package}.{kind}",
        title=title,
        properties=properties,
        run=f"{_RUN}.language:{run}",
        outputs=ScriptOutputs,
        kind="heavy",
        directory_variables=f"{_RUN}.script:directory_variables",
    )


BUN_SCRIPT, BUN_COMMANDS = _script("bun"), _commands("bun")
DENO_SCRIPT, DENO_COMMANDS = _script("deno"), _commands("deno")
GO_SCRIPT, GO_COMMANDS = _script("go"), _commands("go")
GROOVY_SCRIPT, GROOVY_COMMANDS = _script("groovy"), _commands("groovy")
JBANG_SCRIPT, JBANG_COMMANDS = _script("jbang", JBangScript), _commands("jbang")
JULIA_SCRIPT, JULIA_COMMANDS = _script("julia"), _commands("julia")
LUA_SCRIPT, LUA_COMMANDS = _script("lua"), _commands("lua")
NODE_SCRIPT, NODE_COMMANDS = _script("node"), _commands("node")
PERL_SCRIPT, PERL_COMMANDS = _script("perl"), _commands("perl")
PHP_SCRIPT, PHP_COMMANDS = _script("php"), _commands("php")
POWERSHELL_SCRIPT = _script("powershell", PowerShellScript)
POWERSHELL_COMMANDS = _commands("powershell", PowerShellCommands)
R_SCRIPT, R_COMMANDS = _script("r"), _commands("r")
RUBY_SCRIPT, RUBY_COMMANDS = _script("ruby"), _commands("ruby")
