"""Documents are true: what they cite exists, and what they show works."""

from __future__ import annotations

import ast
import re
import shlex
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml

from contracts.language.expression.scope import Limits
from contracts.language.flow import trigger_start
from contracts.language.flow.parse import parse_flow
from contracts.language.flow.reader import FLOW_KEYS, MAX_TASKS, TASK_KEYS, TRIGGER_KEYS
from contracts.language.flow.schema import keys_of
from contracts.language.types.flowable.each import VALUES_CHARS
from contracts.language.types.input.common import Input
from contracts.language.yaml_text.document import MAX_DEPTH, MAX_NODES, MAX_SOURCE_BYTES
from docs.generate import decisions, settings, types
from docs.generate.decisions import records, title_of
from services.executor.executions.rendering import template
from services.executor.executions.submission import ATTEMPT_BYTES
from services.executor.executions.values import PACKED_BYTES
from services.executor.executions.visit import MAX_LOSSES
from services.worker.run_context import RENDER_SECONDS
from services.worker.runner import INLINE_BYTES, OUTPUT_BYTES
from toccata.cli.app import app

ROOT = Path(__file__).parents[2]
CODE = (".py", ".ts", ".css", ".sql", ".yaml", ".toml", ".sh")
_ABSENT = re.compile(
    r"flow-language|\bapi sections? [0-9]|(?:architecture|[Ss]tyle),? section|\((?:EX|MI|MG|LO|TR|NS|FL)[0-9]+\)|versions\.md|\bui\.md"
)
"""Documents from before this repository, which no reader has."""
_CITED = re.compile(r"docs/([\w/-]+\.md)(?:#([\w-]+))?")
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#+ (.+?)(?: \{#([\w-]+)\})?$", re.MULTILINE)
_FENCE = re.compile(r"^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)
_VARIABLE = re.compile(r"\bTOCCATA_[A-Z_]+[A-Z]\b")
NOT_SETTINGS = frozenset(
    {
        # only in compose.yaml
        "TOCCATA_POSTGRES_PASSWORD",
        "TOCCATA_POSTGRES_IMAGE",
        "TOCCATA_KAFKA_IMAGE",
        "TOCCATA_PYTHON_IMAGE",
    }
)


@cache
def tracked() -> tuple[Path, ...]:
    names = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split()
    return tuple(path for name in names if (path := ROOT / name).is_file())


def markdown() -> list[Path]:
    return [path for path in tracked() if path.suffix == ".md" and "tests" not in path.parts]


def anchors(page: Path) -> set[str]:
    found = set()
    for title, given in _HEADING.findall(_FENCE.sub("", page.read_text())):
        slug = re.sub(r"[^\w\s-]", "", title.lower()).strip()
        found.add(given or re.sub(r"[\s]+", "-", slug))
    return found


def blocks(language: str) -> list[tuple[str, str]]:
    """Return the fenced blocks of this language in all documents, by file and number."""
    return [
        (f"{path.relative_to(ROOT)}:{number}", text)
        for path in markdown()
        for number, (kind, text) in enumerate(_FENCE.findall(path.read_text()), start=1)
        if kind == language
    ]


def test_nothing_cites_a_document_that_is_not_in_the_repository() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()[:100]}"
        for path in tracked()
        if path.suffix in (*CODE, ".md") and path != Path(__file__)
        for number, line in enumerate(path.read_text().splitlines(), start=1)
        if _ABSENT.search(line)
    ]
    assert found == [], "cite docs/language/….md#anchor, or state the fact itself"


def test_every_page_of_docs_that_the_code_cites_has_that_anchor() -> None:
    missing = []
    for path in tracked():
        if path.suffix not in CODE or path.relative_to(ROOT).parts[0] in ("docs", "requirements"):
            continue
        for name, anchor in _CITED.findall(path.read_text()):
            page = ROOT / "docs" / name
            if not page.exists() or (anchor and anchor not in anchors(page)):
                missing.append(f"{path.relative_to(ROOT)}: docs/{name}#{anchor}")
    assert missing == []


def test_links_of_readme_files_lead_to_files_that_exist() -> None:
    """The site's build checks links within docs."""
    missing = []
    for path in markdown():
        if path.relative_to(ROOT).parts[0] == "docs":
            continue
        for target in _LINK.findall(_FENCE.sub("", path.read_text())):
            if target.startswith(("http:", "https:", "mailto:")):
                continue
            name, _, anchor = target.partition("#")
            page = (path.parent / name).resolve() if name else path
            if not page.exists() or (anchor and page.suffix == ".md" and anchor not in anchors(page)):
                missing.append(f"{path.relative_to(ROOT)}: {target}")
    assert missing == []


def test_every_variable_that_a_document_names_is_a_setting() -> None:
    known = {each.variable for owner in settings.settings_classes() for each in settings.settings_of(owner)}
    known |= {each.variable for each in (*settings.COMMAND_LINE, *settings.SECRET_FILES)}
    test_variables = re.compile(r"TOCCATA_(?:TEST|SIMULATION|CONFORMANCE|BENCH)_")
    unknown = {
        f"{path.relative_to(ROOT)}: {name}"
        for path in markdown()
        for name in _VARIABLE.findall(path.read_text())
        if name not in known | NOT_SETTINGS and not test_variables.match(name)
    }
    assert unknown == set()


FLOWS = [(place, text) for place, text in blocks("yaml") if re.search(r"^tasks:", text, re.MULTILINE)]


@pytest.mark.parametrize(("place", "text"), FLOWS, ids=[place for place, _ in FLOWS])
def test_every_flow_that_a_document_shows_is_valid(place: str, text: str) -> None:
    parsed = parse_flow(text, types.catalog())
    assert [str(each) for each in (*parsed.errors, *parsed.warnings, *parsed.deprecations)] == []


YAML = [(place, text) for place, text in blocks("yaml") if (place, text) not in FLOWS]


@pytest.mark.parametrize(("place", "text"), YAML, ids=[place for place, _ in YAML])
def test_every_other_yaml_can_be_read_and_kubernetes_manifests_are_complete(place: str, text: str) -> None:
    for document in yaml.safe_load_all(text):
        assert document is not None
        if "apiVersion" in document:
            assert {"kind", "metadata"} <= document.keys()
            assert document["metadata"]["name"]


def test_no_two_flows_that_documents_show_have_the_same_name_and_differ() -> None:
    """Applying the second flow would replace the first one, with its triggers."""
    shown: dict[tuple[str, str], set[str]] = {}
    texts = [text for _, text in FLOWS] + [path.read_text() for path in (ROOT / "flows").glob("*.yaml")]
    for text in texts:
        flow = parse_flow(text, types.catalog()).flow
        assert flow is not None
        shown.setdefault((flow.namespace, flow.id), set()).add(text)
    assert [name for name, different in shown.items() if len(different) > 1] == []


def commands() -> dict[str, set[str]]:
    """Return the options of every command, including those of the root."""

    def below(command: Any, path: str, above: set[str]) -> dict[str, set[str]]:
        options = (
            above
            | {flag for each in command.params for flag in (*each.opts, *each.secondary_opts)}
            | {"--help"}
        )
        inner = getattr(command, "commands", None)
        if not inner:
            return {path: options}
        return {
            k: v for name, child in inner.items() for k, v in below(child, f"{path} {name}", options).items()
        }

    root = typer.main.get_command(app)
    found = below(root, "toccata", set())
    return {**found, "toccata": {flag for each in root.params for flag in each.opts}}


def shown_commands() -> list[tuple[str, str]]:
    return [
        (place, line.split(" #")[0])
        for place, text in blocks("bash")
        for line in re.findall(r"^(?:.*\$\()?(toccata [^\n)|]*)", text, re.MULTILINE)
    ]


@pytest.mark.parametrize(("place", "line"), shown_commands(), ids=[line for _, line in shown_commands()])
def test_every_command_that_a_document_shows_exists_with_its_options(place: str, line: str) -> None:
    known = commands()
    words = [word for word in shlex.split(line) if word != "…"]
    options = {word.partition("=")[0] for word in words if re.fullmatch(r"-\w|--[\w-]+(?:=.*)?", word)}
    names = [name for name in known if set(name.split()) <= set(words)]
    assert names, f"{place}: there is no such command"
    assert options <= set().union(*(known[name] for name in names)), place


@pytest.mark.parametrize(
    ("page", "keys"),
    [
        ("flows", FLOW_KEYS),
        ("tasks", TASK_KEYS),
        ("triggers", TRIGGER_KEYS),
        ("inputs", frozenset(keys_of(Input))),
    ],
)
def test_the_language_pages_name_every_property(page: str, keys: frozenset[str]) -> None:
    text = (ROOT / "docs" / "language" / f"{page}.md").read_text()
    assert [key for key in sorted(keys) if f"`{key}`" not in text] == []


def test_the_limits_in_the_language_pages_are_those_of_the_code() -> None:
    flows = (ROOT / "docs" / "language" / "flows.md").read_text()
    expressions = (ROOT / "docs" / "language" / "expressions.md").read_text()
    for limit in (MAX_TASKS, MAX_SOURCE_BYTES, ATTEMPT_BYTES, VALUES_CHARS, PACKED_BYTES):
        assert f"{limit:,}" in flows
    assert f"{INLINE_BYTES // 1024} KiB travel" in flows
    assert f"{OUTPUT_BYTES // 1024**2} MiB go" in flows
    assert f"{MAX_SOURCE_BYTES:,} bytes, {MAX_DEPTH} levels and {MAX_NODES:,} values" in flows
    assert f"workers | {MAX_LOSSES};" in flows
    columns = (Limits(), template.LIMITS, trigger_start.LIMITS)
    for what, name in (
        ("characters that a template prints", "max_output_chars"),
        ("steps of one rendering", "max_steps"),
        ("elements of a list that is made", "max_elements"),
        ("bytes that one rendering allocates in all", "max_bytes"),
    ):
        numbers = " | ".join(f"{getattr(limits, name):,}" for limits in columns)
        assert f"| {what} | {numbers} |" in expressions
    assert f"| time of one rendering | {RENDER_SECONDS:.0f} seconds |" in expressions


def test_decisions_have_one_sequence_of_numbers_and_one_form() -> None:
    records = decisions.records()
    numbers = [decisions.title_of(record)[0] for record in records]
    assert numbers == sorted(set(numbers)), "numbers run over the whole repository, and none comes twice"
    for record in records:
        assert record.name.startswith(decisions.title_of(record)[0] + "-")
        text = record.read_text()
        assert len(text.splitlines()) <= 60, f"{record.name} is longer than a page"
        for part in (
            "**Context.**",
            "**Decision.**",
            "**Consequences.**",
            "**A violating change looks like:**",
        ):
            assert part in text, f"{record.name} has no {part}"


def test_nothing_of_the_product_imports_the_documentation() -> None:
    found = []
    for path in tracked():
        if path.suffix == ".py" and path.relative_to(ROOT).parts[0] in ("contracts", "services", "toccata"):
            for node in ast.walk(ast.parse(path.read_text())):
                names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
                names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
                found += [path.name for name in names if name.partition(".")[0] == "docs"]
    assert found == []


def test_the_readme_is_short() -> None:
    assert len((ROOT / "README.md").read_text().splitlines()) <= 150


def test_hooks_of_commits_fetch_nothing_and_use_tools_that_the_tests_have() -> None:
    config = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())
    pinned = (ROOT / "requirements" / "dev.txt").read_text()
    tools = {"ruff": "ruff", "mypy": "mypy", "lint-imports": "import-linter", "python": "pytest"}
    for repository in config["repos"]:
        assert repository["repo"] == "local"
        for hook in repository["hooks"]:
            program = hook["entry"].split()[0]
            assert hook["language"] == "system"
            assert program.startswith(".venv/bin/")
            assert f"\n{tools[program.removeprefix('.venv/bin/')]}==" in pinned


def test_no_program_that_a_document_shows_guesses_where_kafka_is() -> None:
    """The standalone chooses a free port: whoever copied such a program could not connect."""
    guessing = [place for place, text in blocks("python") if re.search(r"bootstrap_servers=[\"']", text)]
    assert guessing == []


def test_decisions_are_numbered_without_gap_or_double() -> None:
    numbers = [(int(record.name[:4]), int(title_of(record)[0])) for record in records()]
    assert numbers == [(number, number) for number in range(1, len(numbers) + 1)]
