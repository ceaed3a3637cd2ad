"""Searching entries in memory gives what the same query gives from a table."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from services.web.core.search.filter import parse_query
from services.web.core.search.listing import Listing, anywhere, date, search, text
from services.web.core.search.query import InvalidQuery


@dataclass(frozen=True)
class Thing:
    name: str
    place: str
    at: int | None = None


THINGS = (Thing("b", "x.y", 2_000), Thing("A", "x", 1_000), Thing("c", "xy"), Thing("Bb", "x.y.z", 3_000))
LISTING: Listing[Thing] = Listing(
    "thing",
    {
        "q": anywhere(lambda thing: thing.name),
        "namespace": text(lambda thing: thing.place),
        "updated": date(lambda thing: thing.at),
    },
    {"name": lambda thing: thing.name, "at": lambda thing: thing.at},
    "name",
)


def names(*items: tuple[str, str]) -> tuple[str, int]:
    found, total = search(LISTING, parse_query(items, 0), THINGS)
    return " ".join(thing.name for thing in found), total


@pytest.mark.parametrize(
    ("item", "found"),
    [
        (("q", "b"), "Bb b"),
        (("filters[q][NOT_EQUALS]", "B"), "A c"),
        (("namespace", "x.y"), "Bb b"),
        (("filters[namespace][PREFIX]", "x"), "A Bb b"),
        (("filters[namespace][EQUALS]", "x"), "A"),
        (("filters[namespace][IN]", "x,xy"), "A c"),
        (("filters[namespace][NOT_IN]", "x,xy"), "Bb b"),
        (("filters[namespace][STARTS_WITH]", "xy"), "c"),
        (("filters[namespace][ENDS_WITH]", "y"), "b c"),
        (("filters[namespace][CONTAINS]", ".y"), "Bb b"),
        (("filters[updated][GREATER_THAN]", "1970-01-01T00:00:01Z"), "Bb b"),
        (("filters[updated][LESS_THAN_OR_EQUAL_TO]", "1970-01-01T00:00:02Z"), "A b"),
        (("filters[updated][EQUALS]", "1970-01-01T00:00:02Z"), "b"),
    ],
)
def test_filters(item: tuple[str, str], found: str) -> None:
    assert names(item)[0] == found


def test_groups() -> None:
    either = [("filters[or][0][q][EQUALS]", "a"), ("filters[or][1][namespace][EQUALS]", "xy")]
    assert names(*either)[0] == "A c"


def test_pages_and_order() -> None:
    assert names(("size", "3")) == ("A Bb b", 4)
    assert names(("size", "3"), ("page", "2")) == ("c", 4)
    assert names(("page", "9")) == ("", 4)
    assert names(("sort", "at:desc"))[0] == "Bb b A c"
    assert names(("sort", "at"))[0] == "A b Bb c"


@pytest.mark.parametrize(
    "item",
    [
        ("filters[no][EQUALS]", "x"),
        ("filters[namespace][REGEX]", "x"),
        ("filters[updated][EQUALS]", "soon"),
        ("sort", "no:asc"),
    ],
)
def test_a_mistake_is_named(item: tuple[str, str]) -> None:
    with pytest.raises(InvalidQuery):
        names(item)
