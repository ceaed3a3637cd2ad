"""What the word at a place of a flow means, in Markdown."""

from __future__ import annotations

import re

from toccata.editor.expression import expression_before, tasks_of, word_of
from toccata.editor.language import Language
from toccata.editor.outline import locate
from toccata.editor.shape import keys_of, shape_at, type_words
from toccata.plugins.host.document import markdown

_WORD = re.compile(r"[\w$.-]+")


def hover(language: Language, text: str, line: int, column: int) -> str:
    """Return an explanation. Empty if there is none. Lines and columns count from 0."""
    lines = text.splitlines()
    if line >= len(lines):
        return ""
    found = next(
        (w for w in _WORD.finditer(lines[line]) if w.start() <= column < max(w.end(), w.start() + 1)), None
    )
    if found is None:
        return ""
    cursor = locate(lines, line, found.end())
    if (
        expression_before(lines[line][: found.start()]) is not None
        or expression_before(cursor.typed) is not None
    ):
        return _of_expression(language, lines, found[0], column - found.start())
    document = language.document(found[0])
    if document is not None:
        return markdown(document)
    owner = cursor.owner
    at_key = next((each for each in owner.keys if each.line == line and each.column == found.start()), None)
    name = at_key.key if at_key is not None else cursor.typed.strip() if cursor.entry is None else ""
    for key in keys_of(language, shape_at(language, owner), owner):
        if key.name == name:
            about = str(key.schema.get("description") or key.schema.get("title") or "")
            marks = ", ".join(filter(None, [type_words(key.schema), "required" if key.required else ""]))
            return "\n\n".join(filter(None, [f"**{name}** {marks}".rstrip(), about]))
    return ""


def _of_expression(language: Language, lines: list[str], word: str, offset: int) -> str:
    steps = word.split(".")
    at = word[:offset].count(".")
    known = word_of(steps[0]) if at == 0 else None
    if known is not None:
        kind, described = known
        arguments = ", ".join(described.parameters)
        example = f"```\n{described.example}\n```" if described.example else ""
        return "\n\n".join(filter(None, [f"**{steps[0]}({arguments})** {kind}", described.doc, example]))
    if steps[0] in {"outputs", "tasks"} and len(steps) > 1:
        return _of_task(language, dict(tasks_of(locate(lines, 0, 0).root)).get(steps[1], ""), steps[1])
    return ""


def _of_task(language: Language, kind: str, name: str) -> str:
    document = language.document(kind)
    title = document.title if document is not None else ""
    return f"**{name}** {kind}\n\n{title}".strip() if kind else ""
