"""The pages of task, trigger and runner types, one for each family, from the declarations in the catalog."""

from __future__ import annotations

import re
from collections.abc import Iterable

from docs.generate.table import Pages, code, page, sentence, table
from toccata.plugins.host.catalog import PluginCatalog
from toccata.plugins.host.document import Documentation, markdown

INTRODUCTION = """
The types that come with Toccata. `toccata plugin list` also shows installed ones, and `toccata plugin doc TYPE` shows one type.
*Dynamic* properties may hold [expressions](../../language/expressions.md), *static* ones are read as written.
All tasks also accept the [common properties](../../language/tasks.md#common), all triggers [theirs](../../language/triggers.md#common).
"""
_OF_OURS = re.compile(r"^io\.(?:kestra|toccata)\.plugin\.")
_FENCE = re.compile(r"```.*?```", re.DOTALL)
_HEADING = re.compile(r"^(#+ )", re.MULTILINE)


def pages() -> Pages:
    families: dict[str, list[Documentation]] = {}
    known = catalog()
    for document in filter(None, (known.documentation(entry.name) for entry in known)):
        families.setdefault(family_of(document.name), []).append(document)
    made = {f"reference/types/{family}.md": _family(family, families[family]) for family in sorted(families)}
    return {"reference/types/index.md": _index(families), **made}


def catalog() -> PluginCatalog:
    """Our types only. The site must not depend on plugins on the machine that builds it."""
    return PluginCatalog.ours()


def family_of(type_name: str) -> str:
    """The first part of the name after the common prefix."""
    return _OF_OURS.sub("", type_name).partition(".")[0]


def anchor(type_name: str) -> str:
    return _OF_OURS.sub("", type_name).replace(".", "-").lower()


def link(type_name: str, above: str = "") -> str:
    """A link from a page in ``reference/``, or from one in a folder of it: then ``above`` is ``../``."""
    return f"{above}types/{family_of(type_name)}.md#{anchor(type_name)}"


def _index(families: dict[str, list[Documentation]]) -> str:
    rows = [
        (f"[`{each.name}`]({family}.md#{anchor(each.name)})", sentence(each.title))
        for family in sorted(families)
        for each in families[family]
    ]
    return page("Types", INTRODUCTION, table(("type", "what it does"), rows))


def _family(family: str, types: Iterable[Documentation]) -> str:
    return page(family.capitalize(), *[_type(each) for each in types])


def _type(document: Documentation) -> str:
    """The documentation of a type as a section, with each heading one level deeper."""
    text = markdown(document).partition("\n")[2]
    examples: list[str] = []

    def kept(found: re.Match[str]) -> str:
        examples.append(found.group())
        return f"\0{len(examples) - 1}\0"

    deeper = _HEADING.sub(r"#\1", _FENCE.sub(kept, text))
    body = re.sub("\0(\\d+)\0", lambda found: examples[int(found.group(1))], deeper)
    return f"## {_OF_OURS.sub('', document.name)} {{#{anchor(document.name)}}}\n\n{code(document.name)}\n\n{body.strip()}"
