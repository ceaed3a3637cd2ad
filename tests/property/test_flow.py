"""Laws of the flow as written: reading never raises, printed values are read back, the written value wins."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.language.flow.parse import parse_flow
from contracts.language.flow.plugin_default import apply_defaults
from contracts.language.flow.retry import ConstantRetry, ExponentialRetry, RandomRetry, next_attempt_delay
from contracts.language.flow.source_text import split_documents
from contracts.language.flow.violation import path_steps, path_text
from contracts.language.types.duration import format_duration, parse_duration
from contracts.language.yaml_text.document import FlowSyntaxError, load_document
from contracts.language.yaml_text.printing import source_of

KEYS = st.sampled_from(
    ["id", "type", "tasks", "then", "errors", "inputs", "triggers", "labels", "retry", "pluginDefaults", "values",
     "timeout", "dependsOn", "defaults", "concurrency", "outputs", "cron", "disabled", "when", "itemType", "key"]
)  # fmt: skip
WORDS = st.sampled_from(
    ["a", "io.kestra.plugin.core.flow.If", "io.kestra.plugin.core.flow.Parallel", "STRING", "ARRAY", "SELECT",
     "io.kestra.plugin.core.trigger.Schedule", "constant", "PT1S", "{{ x }}", "{{", "{% if %}", "[", ""]
)  # fmt: skip
LEAVES = (
    st.none() | st.booleans() | st.integers(-5, 5) | st.floats(allow_nan=False, allow_infinity=False) | WORDS
)
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=6),
    max_leaves=25,
)
TEXT = st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "Zs")))
HARD = st.sampled_from(
    ["1.5e3", "1e3", ".5", "null", "~", "on", "1_0", "0x1F", "2024-01-01", "=", "<<", "a \n b\n", " \n\n a"]
) | st.text(" \n#:-'\"{}[]|>a1.e+", max_size=12)
"""Texts that look like something else in YAML."""
EXACT = st.decimals(allow_nan=False, allow_infinity=False, places=25).filter(
    lambda d: Decimal(repr(float(d))) != d
)
"""Numbers that a double cannot hold."""


def values(texts: st.SearchStrategy[str]) -> st.SearchStrategy[Any]:
    return st.recursive(
        st.none() | st.booleans() | st.integers(-(10**40), 10**40) | texts,
        lambda inner: (
            st.lists(inner, max_size=4) | st.dictionaries(st.text("abcdé", min_size=1), inner, max_size=4)
        ),
        max_leaves=20,
    )


@given(st.text())
def test_any_text_is_a_document_or_is_refused_with_a_place(text):
    try:
        place = load_document(text).position(())
    except FlowSyntaxError as error:
        place = (error.line, error.column)
    assert place >= (1, 1)


@given(values(TEXT | HARD) | EXACT)
def test_a_printed_value_is_read_back(value):
    assert load_document(source_of({"v": value})).value == {"v": value}


@settings(max_examples=300)
@given(st.dictionaries(KEYS, VALUES, max_size=8))
def test_reading_a_flow_never_raises_and_every_violation_has_a_place(value):
    result = parse_flow(yaml.safe_dump(value), None)
    assert (result.flow is None) == bool(result.errors)
    assert all(each.line >= 1 and each.column >= 1 and each.message for each in result.errors)


@given(st.lists(st.integers(0, 99) | st.text(min_size=1), max_size=5))
def test_a_path_is_read_back_from_its_text(steps):
    assert path_steps(path_text(steps)) == tuple(steps)


@given(st.timedeltas(timedelta(days=-9999), timedelta(days=9999)))
def test_a_duration_is_read_back_from_its_text(value):
    assert parse_duration(format_duration(value)) == value


@given(st.lists(st.sampled_from(["id: a\n", "b: 1\n", "c: [x]\n"]), min_size=1, max_size=5))
def test_joined_documents_are_split_again(documents):
    assert split_documents("---\n".join(documents)) == documents


@given(
    st.dictionaries(st.sampled_from("abc"), st.integers()),
    st.dictionaries(st.sampled_from("abcd"), st.integers()),
)
def test_defaults_only_fill_what_is_missing_unless_forced(written, values):
    def task(forced):
        entry = {"type": "x", "values": values, "forced": forced}
        flow: Any = apply_defaults({"tasks": [{"type": "x.Y", **written}], "pluginDefaults": [entry]}).value
        return flow["tasks"][0]

    assert task(forced=False) == {"type": "x.Y", **values, **written}
    assert task(forced=True) == {"type": "x.Y", **written, **values}


DURATIONS = st.timedeltas(timedelta(milliseconds=1), timedelta(days=1))


@given(
    st.one_of(
        st.builds(lambda a, n: ConstantRetry(interval=a, max_attempts=n), DURATIONS, st.integers(1, 9)),
        st.builds(
            lambda a, b, f: ExponentialRetry(interval=a, max_interval=a + b, max_attempts=5, delay_factor=f),
            DURATIONS, DURATIONS, st.floats(0.1, 1e6),
        ),
        st.builds(lambda a, b: RandomRetry(min_interval=a, max_interval=a + b, max_attempts=5), DURATIONS, DURATIONS),
    ),
    st.integers(1, 12),
    st.text(max_size=5),
)  # fmt: skip
def test_a_retry_never_exceeds_its_policy(retry, made, seed):
    at = next_attempt_delay(retry, made, 0, 1_000, seed)
    if made >= retry.max_attempts:
        assert at is None
    else:
        longest = retry.interval if isinstance(retry, ConstantRetry) else retry.max_interval
        assert at is not None
        assert 0 <= at - 1_000 <= longest / timedelta(milliseconds=1)
