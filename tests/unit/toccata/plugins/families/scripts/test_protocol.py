from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toccata.plugin import glob_pattern, has_wildcard
from toccata.plugins.families.scripts.run.protocol import (
    TEXT_LINE_BYTES,
    LineSplitter,
    Metric,
    TooLong,
    is_protocol,
    parse,
)


@given(st.binary(max_size=300), st.lists(st.integers(1, 40), max_size=20))
def test_lines_do_not_depend_on_how_the_bytes_were_cut(content: bytes, sizes: list[int]) -> None:
    splitter, lines, rest = LineSplitter(), [], content
    for size in sizes:
        lines += splitter.feed(rest[:size])
        rest = rest[size:]
    lines += splitter.feed(rest) + splitter.close()
    whole = content.split(b"\n")
    assert lines == (whole if whole[-1] else whole[:-1])


def test_a_line_that_never_ends_becomes_several_and_nothing_is_lost() -> None:
    splitter = LineSplitter()
    lines: list[Any] = []
    for _ in range(10):
        lines += splitter.feed(b"x" * 50_000)
    lines += splitter.feed(b"yy\nnext\n")
    assert b"".join(lines) == b"x" * 500_000 + b"yynext"
    assert lines[-1] == b"next"
    assert all(len(line) <= TEXT_LINE_BYTES for line in lines)


def test_a_long_line_is_not_divided_inside_a_character() -> None:
    splitter = LineSplitter()
    lines: list[Any] = [*splitter.feed(("é€😀" * 40_000).encode()), *splitter.close()]
    assert "".join(line.decode() for line in lines) == "é€😀" * 40_000


def test_a_protocol_line_over_the_limit_is_reported_with_its_size() -> None:
    splitter = LineSplitter()
    lines = []
    for chunk in (b'::{"outputs":{"a":"', *[b"x" * 1_000_000] * 17, b'"}}::\nnext\n'):
        lines += splitter.feed(chunk)
    assert lines == [TooLong(17_000_000 + 24), b"next"]


def test_a_long_protocol_line_is_kept_whole() -> None:
    splitter = LineSplitter()
    line = b'::{"outputs":{"a":"' + b"x" * 200_000 + b'"}}::'
    lines = splitter.feed(line[:100_000]) + splitter.feed(line[100_000:] + b"\n")
    assert lines == [line]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (b'::{"outputs":{}}::', True),
        (b'x ::{"outputs":{}}::', False),
        (b'::{"outputs":{}}:: ', False),
        (b"::{}", False),
        (b"::text::", False),
    ],
)
def test_only_a_whole_line_is_protocol(line: bytes, expected: bool) -> None:
    assert is_protocol(line) is expected


def test_all_members_may_share_a_line_and_unknown_ones_are_passed_over() -> None:
    said = parse(
        b'::{"outputs":{"a":[1,null]},"metrics":[{"name":"rows","type":"counter","value":3,"tags":{"s":1}},'
        b'{"name":"t","type":"timer","value":"PT1.5S"},{"name":"g","type":"gauge","value":2.5}],'
        b'"logs":[{"level":"warning","message":"m"}],"assets":{},"new":1}::'
    )
    assert said.outputs == {"a": [1, None]}
    assert said.metrics == [
        Metric("counter", "rows", 3.0, {"s": "1"}),
        Metric("timer", "t", 1.5, {}),
        Metric("gauge", "g", 2.5, {}),
    ]
    assert said.logs == [("WARN", "m")]
    assert said.problems == []


def test_encrypted_outputs_are_texts() -> None:
    assert parse(b'::{"encryptedOutputs":{"a":"b","n":1,"gone":null}}::').encrypted == {"a": "b", "n": "1"}


def test_a_line_that_means_to_keep_a_secret_is_never_shown() -> None:
    said = parse(b'::{"encryptedOutputs":{"a":"planted}::')
    assert said.problems
    assert "planted" not in said.problems[0]


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        (b"::{nonsense}::", "Invalid outputs '::{nonsense}::'"),
        (b'::{"outputs":[1]}::', "`outputs` must be an object"),
        (b'::{"metrics":{}}::', "`metrics` must be a list"),
        (b'::{"metrics":[{"name":"a","type":"histogram","value":1}]}::', "a type of counter, gauge, timer"),
        (b'::{"metrics":[{"name":"a","type":"counter","value":"many"}]}::', "must be a number"),
        (b'::{"metrics":[{"name":"a","type":"counter"}]}::', "must be a number"),
        (b'::{"metrics":[{"type":"counter","value":1}]}::', "needs a name"),
        (b'::{"logs":["x"]}::', "needs level and message"),
        (b'::{"logs":[{"level":"LOUD","message":"x"}]}::', "LOUD"),
        (b'::{"encryptedOutputs":["a"]}::', "`encryptedOutputs` must be an object"),
    ],
)
def test_what_is_wrong_is_told_and_the_rest_counts(line: bytes, problem: str) -> None:
    said = parse(line)
    assert len(said.problems) == 1
    assert problem in said.problems[0]


@given(st.binary(max_size=200))
def test_any_bytes_between_the_markers_are_read_without_raising(inner: bytes) -> None:
    parse(b"::{" + inner + b"}::")


@pytest.mark.parametrize(
    ("pattern", "matching", "others"),
    [
        ("*.csv", ["a.csv"], ["d/a.csv", "a.txt", "acsv"]),
        ("**/*.csv", ["a.csv", "d/a.csv", "d/e/a.csv"], ["a.txt"]),
        ("a.csv", ["a.csv", "d/a.csv"], ["ba.csv", "a.csv.gz"]),
        ("d/*.csv", ["d/a.csv", "x/d/a.csv"], ["d/e/a.csv", "a.csv"]),
        ("./a.csv", ["a.csv"], ["d/a.csv", "b.csv"]),
        ("d/**", ["d/a", "d/e/f"], ["e/a"]),
        ("*.{csv,json}", ["a.csv", "a.json"], ["a.xml"]),
        ("?.csv", ["a.csv"], ["ab.csv"]),
        ("[ab]*.csv", ["a.csv", "bx.csv"], ["c.csv"]),
        ("[!a].csv", ["b.csv"], ["a.csv"]),
        ("a+b (1).csv", ["a+b (1).csv"], ["aab (1).csv"]),
    ],
)
def test_a_pattern_means_these_files(pattern: str, matching: list[str], others: list[str]) -> None:
    assert [name for name in matching + others if glob_pattern(pattern).fullmatch(name)] == matching


def test_a_plain_name_has_no_wildcard() -> None:
    assert not has_wildcard("d/a.csv")
    assert has_wildcard("*.csv")


def test_what_is_no_text_in_logs_and_tags_is_json() -> None:
    said = parse(
        b'::{"logs":[{"message":{"a":true,"b":null}},{"message":null},{"message":[true]}],'
        b'"metrics":[{"name":"m","type":"counter","value":1,"tags":{"t":true,"n":null}}]}::'
    )
    assert [message for _, message in said.logs] == ['{"a":true,"b":null}', "null", "[true]"]
    assert said.metrics[0].tags == {"t": "true", "n": "null"}


def test_outputs_keep_every_digit() -> None:
    said = parse(b'::{"outputs":{"n":12345678901234567890123,"d":0.12345678901234567890123}}::')
    assert said.outputs["n"] == 12345678901234567890123
    assert str(said.outputs["d"]) == "0.12345678901234567890123"
