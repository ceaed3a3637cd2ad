"""Values of the KV store as the API shows and reads them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from contracts.namespace import ValueState
from services.web.core.problem import Problem
from services.web.core.view.value import read_ttl, read_value, value_entry, value_view

VALUE = ValueState(
    namespace="a.b", key="k", change=1, kind="NUMBER", value="1", version=3, created_at=0, updated_at=1_000
)


def test_an_entry_has_no_value_and_leaves_out_what_is_not_there() -> None:
    assert value_entry(VALUE) == {
        "namespace": "a.b",
        "key": "k",
        "version": 3,
        "revision": 3,
        "creationDate": "1970-01-01T00:00:00.000Z",
        "updateDate": "1970-01-01T00:00:01.000Z",
    }


def test_a_value_names_its_type() -> None:
    assert value_view(VALUE, 1) == {
        "type": "NUMBER",
        "value": 1,
        "revision": 3,
        "updated": "1970-01-01T00:00:01.000Z",
    }


def test_a_body_is_a_literal_or_a_text() -> None:
    assert read_value("k", b"1.50") == ("NUMBER", "1.50")
    assert read_value("k", b'"1"') == ("STRING", '"1"')
    assert read_value("k", b'"PT5S"') == ("DURATION", '"PT5S"')
    for key, body in (("k", b"\xff"), ("a b", b"1")):
        with pytest.raises(Problem, match=r"UTF-8|Key must start"):
            read_value(key, body)


def test_a_ttl_is_a_duration_above_zero() -> None:
    assert read_ttl({}) is None
    assert read_ttl({"ttl": "PT1M"}) == timedelta(minutes=1)
    for bad in ("soon", "PT0S", "-PT1S"):
        with pytest.raises(Problem, match="ttl"):
            read_ttl({"ttl": bad})
