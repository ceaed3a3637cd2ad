"""Collects the sources of the site in one folder: handwritten pages, generated pages, and the configuration."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import yaml

from docs.generate import (
    api,
    commands,
    coverage,
    decisions,
    inputs,
    kestra,
    plugins,
    settings,
    states,
    telemetry,
    topics,
    types,
    words,
)
from docs.generate.table import Pages

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
SCHEMAS = ROOT / "contracts" / "schemas"
PARTS = (
    api,
    commands,
    coverage,
    decisions,
    inputs,
    kestra,
    plugins,
    settings,
    states,
    telemetry,
    topics,
    types,
    words,
)


def generated() -> Pages:
    """Every page that comes from the code."""
    return {name: text for part in PARTS for name, text in part.pages().items()}


def handwritten() -> list[Path]:
    return [path for path in sorted(DOCS.rglob("*.md")) if "adr" not in path.relative_to(DOCS).parts]


def assemble(folder: Path) -> None:
    """Write ``mkdocs.yml`` and ``pages/`` into the folder, and remove old pages."""
    pages = folder / "pages"
    shutil.rmtree(pages, ignore_errors=True)
    made = generated()
    for source in handwritten():
        _place(pages / source.relative_to(DOCS), source)
    for source in (DOCS / "style.css", *sorted(DOCS.rglob("*.svg"))):
        _place(pages / source.relative_to(DOCS), source)
    for source in SCHEMAS.glob("*.json"):
        _place(pages / "reference" / "schemas" / source.name, source)
    for name, text in made.items():
        target = pages / name
        assert not target.exists(), f"docs/{name} is written by hand and by docs/generate"
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
    (folder / "mkdocs.yml").write_text(yaml.safe_dump(configuration(made), sort_keys=False), encoding="utf-8")


def configuration(made: Pages) -> dict[str, Any]:
    config: dict[str, Any] = yaml.safe_load((DOCS / "site.yaml").read_text(encoding="utf-8"))
    types = sorted(name for name in made if name.startswith("reference/types/"))
    config["nav"] = _expanded(config["nav"], types)
    return {**config, "docs_dir": "pages", "site_dir": "site"}


def _expanded(entry: Any, types: list[str]) -> Any:
    if isinstance(entry, list):
        return [one for each in entry for one in (types if each == "TYPES" else [_expanded(each, types)])]
    if isinstance(entry, dict):
        return {title: _expanded(each, types) for title, each in entry.items()}
    return entry


def _place(target: Path, source: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)
