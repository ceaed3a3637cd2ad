"""The page that sets names of the language beside tests."""

from __future__ import annotations

from contracts.language.expression.filters import FILTERS
from contracts.language.types.index import FLOWABLES, INPUTS
from contracts.states import State
from docs.generate.coverage import NOT_HERE, ROOT, UNPROVEN, pages


def test_every_name_has_a_row_and_what_it_names_exists() -> None:
    page = pages()["reference/coverage.md"]
    for name in (*FILTERS, *FLOWABLES, *INPUTS, *(state.value for state in State)):
        assert f"| `{name}` |" in page
    rows = [line.split("|")[2].strip() for line in page.splitlines() if line.startswith("| `")]
    for said in rows:
        if NOT_HERE in said or UNPROVEN in said:
            continue
        assert (ROOT / said.rpartition(" ")[2].strip("`")).exists(), said


def test_what_is_not_here_says_so() -> None:
    page = pages()["reference/coverage.md"]
    assert f"| `appLink` | {NOT_HERE} |" in page
    assert f"| `FORM` | {NOT_HERE} |" in page
