"""Search and replace in the sources of flows."""

from __future__ import annotations

import pytest

from services.web.core.problem import Problem
from services.web.core.write.replacing import changed_lines, replaced, replacing_of

SOURCE = "id: a\r\nname: Cat cat\n# concat $1\n"


def of(query: str, replacement: str, **more: object) -> object:
    wanted = replacing_of({"query": query, "replacement": replacement, **more})
    return replaced(SOURCE, wanted).splitlines()[1:]


def test_plain_text_is_replaced_as_it_is() -> None:
    assert of("cat", "$1.") == ["name: $1. $1.", "# con$1. $1"]
    assert of("cat", "dog", caseSensitive=True) == ["name: Cat dog", "# condog $1"]
    assert of("cat", "dog", wholeWord=True) == ["name: dog dog", "# concat $1"]
    assert of("$1", "\\n") == ["name: Cat cat", "# concat \\n"]


def test_a_regular_expression_may_use_its_groups() -> None:
    assert of(r"(c)at", "$1ow", regex=True, caseSensitive=True) == ["name: Cat cow", "# concow $1"]


def test_lines_keep_their_ends_and_one_may_be_chosen() -> None:
    wanted = replacing_of({"query": "a", "replacement": "b"})
    assert replaced(SOURCE, wanted, 1) == SOURCE.replace("id: a\r\n", "id: b\r\n")
    assert changed_lines(SOURCE, wanted)[0] == {"line": 1, "before": "id: a", "after": "id: b"}


@pytest.mark.parametrize(
    "body",
    [
        {"query": "", "replacement": "x"},
        {"query": "a"},
        {"query": "(", "replacement": "x", "regex": True},
        {"query": "a", "replacement": "x", "scope": "TASKS"},
        {"query": "a", "replacement": "x", "regex": "yes"},
    ],
)
def test_what_cannot_be_asked_is_refused(body: dict[str, object]) -> None:
    with pytest.raises(Problem) as refused:
        replacing_of(body)
    assert refused.value.status == 422


def test_a_group_that_is_not_there_is_refused() -> None:
    wanted = replacing_of({"query": "cat", "replacement": "$2", "regex": True})
    with pytest.raises(Problem, match="replacement"):
        changed_lines(SOURCE, wanted)
