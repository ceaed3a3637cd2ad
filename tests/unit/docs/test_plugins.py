"""The page that says which types of Kestra's plugins are here."""

from __future__ import annotations

import re

from docs.generate.plugins import PREFIX, listed, pages
from docs.generate.types import catalog


def test_each_type_of_the_catalogue_has_one_line() -> None:
    (text,) = pages().values()
    names = [each.name for each in listed()]
    assert names == sorted(set(names))
    assert re.findall(r"^\| `([\w.]+)` \|", text, re.MULTILINE) == sorted(
        names, key=lambda name: (name.partition(".")[0], names.index(name))
    )


def test_a_type_is_here_if_the_catalog_has_it_and_says_how_it_is_tested() -> None:
    (text,) = pages().values()
    known = {name for each in catalog() for name in (each.name, *each.aliases)}
    for line in text.splitlines():
        if line.startswith("| `"):
            name, _, here, tested = (cell.strip(" `") for cell in line.strip("|").split("|"))
            assert ("[here]" in here) == (PREFIX + name in known), line
            assert tested or "here" not in here.replace("not here", ""), line


def test_what_is_missing_names_the_nearest_that_is_here() -> None:
    (text,) = pages().values()
    assert (
        "| `core.metric.PurgeMetrics` | task | *not here* | nearest: `io.kestra.plugin.core.metric.Publish` |"
        in text
    )
