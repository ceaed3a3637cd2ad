import pytest

from toccata.editor.outline import locate, outline

FLOW = """\
id: a
# a comment
tasks:
- id: one
  type: x.Y
- {id: two, type: x.Z, nested: {deep: [1, {key: v}]}}
-
  id: three
  script: |
    id: inside a text
  last: 'it''s'
"""


def test_a_list_may_begin_at_the_column_of_its_key() -> None:
    tasks = outline(FLOW.splitlines()).get("tasks")
    assert tasks is not None
    assert [item.text("id") for item in tasks.items] == ["one", "two", "three"]
    assert [key.key for key in tasks.items[2].keys] == ["id", "script", "last"]


def test_braces_are_read_within_a_line() -> None:
    tasks = outline(FLOW.splitlines()).get("tasks")
    assert tasks is not None
    nested = tasks.items[1].get("nested")
    assert nested is not None
    deep = nested.get("deep")
    assert deep is not None
    assert [item.scalar or item.text("key") for item in deep.items] == ["1", "v"]


@pytest.mark.parametrize(
    ("text", "path", "entry", "typed"),
    [
        ("¦", [], None, ""),
        ("id: a\nna¦me", [], None, "na"),
        ("id: a¦", [], "id", "a"),
        ("tasks:\n  - ¦", ["tasks", ""], None, ""),
        ("tasks:\n  - id: a\n    ty¦", ["tasks", ""], None, "ty"),
        ("tasks:\n  - id: a\n  ¦", ["tasks"], None, ""),
        ("tasks:\n  - id: a\n¦", [], None, ""),
        ("tasks:\n  - {id: a, ty¦}", ["tasks", ""], None, "ty"),
        ("tasks:\n  - {id: a, type: x.¦}", ["tasks", ""], "type", "x."),
        ("a:\n  b: |\n    text ¦", ["a"], "b", "    text "),
        ("a: {b: {c: ¦", ["a", "b"], "c", ""),
    ],
)
def test_the_place_is_known_while_the_text_is_no_yaml(
    text: str, path: list[str], entry: str | None, typed: str
) -> None:
    before = text[: text.index("¦")]
    cursor = locate(
        text.replace("¦", "").splitlines(), before.count("\n"), len(before) - before.rfind("\n") - 1
    )
    assert [node.key for node in cursor.owner.path()] == path
    assert (cursor.entry.key if cursor.entry is not None else None, cursor.typed) == (entry, typed)


def test_no_place_of_any_text_raises() -> None:
    for text in (FLOW, "{[}]: - '", "- - - a:", "a: |\n\n\n  b\n c", "\t- x:\n", "- {a: [b, {c"):
        lines = text.splitlines()
        for number, line in enumerate(lines):
            for column in range(len(line) + 2):
                locate(lines, number, column)
