"""Hints for an unknown type."""

from __future__ import annotations

import pytest

from contracts.language.flow.catalog import TASK_KINDS
from contracts.language.flow.type_meant import type_meant
from contracts.language.flow.validate import validate
from toccata.plugins.host.catalog import PluginCatalog

LOG = "io.kestra.plugin.core.log.Log"


@pytest.fixture(scope="module")
def catalog():
    return PluginCatalog.load()


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("io.kestra.plugin.core.log.Logg", f"Did you mean `{LOG}`?"),
        ("log.Logg", f"Did you mean `{LOG}`?"),
        ("Log", f"Did you mean `{LOG}`?"),
        ("log.Log", f"Did you mean `{LOG}`?"),
        ("foreach", "Did you mean `io.kestra.plugin.core.flow.ForEach`?"),
        ("io.kestra.plugin.scripts.python.Scrpt", "Did you mean `io.kestra.plugin.scripts.python.Script`?"),
        (
            "io.kestra.plugin.core.metric.PurgeMetrics",
            "Kestra has this type, but Toccata does not have it yet. The nearest here is `io.kestra.plugin.core.metric.Publish`.",
        ),
        (
            "io.kestra.plugin.core.flow.Approval",
            "Kestra has this type, but Toccata does not have it yet. The nearest here is `io.kestra.plugin.core.flow.Parallel`.",
        ),
        (
            "io.kestra.plugin.mongodb.Find",
            "It belongs to Kestra's plugin `mongodb`. Toccata does not have this part of it yet.",
        ),
        (
            "io.kestra.plugin.core.trigger.Schedule",
            "It is a type of the kind `trigger`, which cannot stand here.",
        ),
        ("com.example.Wholly.Unlike", ""),
    ],
)
def test_an_unknown_type_gets_a_suggestion(written, said, catalog):
    assert type_meant(written, TASK_KINDS, catalog) == said


def test_validation_of_a_flow_says_it(catalog):
    source = "id: a\nnamespace: n\ntasks:\n  - id: t\n    type: log.Logg\n"
    (violation,) = validate(source, catalog).errors
    assert (violation.message, violation.suggestion) == ("Invalid type: log.Logg", f"Did you mean `{LOG}`?")
