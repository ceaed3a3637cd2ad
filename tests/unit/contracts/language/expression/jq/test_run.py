"""Programs of jq and their results."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from contracts.language.expression.errors import ExpressionError, LimitExceeded
from contracts.language.expression.frame import Frame
from contracts.language.expression.jq.run import results
from contracts.language.expression.scope import Scope
from contracts.language.expression.template import compile_template


def run(program: str, value: Any) -> list[Any]:
    return results(program, value, Frame(Scope({}, datetime(2026, 1, 1, tzinfo=UTC), 1), compile_template))


@pytest.mark.parametrize(
    ("program", "value", "expected"),
    [
        (".", "x", ["x"]),
        (".a.b", {"a": {"b": 1}}, [1]),
        (".a[0],.a[-1]", {"a": [1, 2]}, [1, 2]),
        (".[1:3]", [1, 2, 3, 4], [[2, 3]]),
        (".[]", {"a": 1, "b": 2}, [1, 2]),
        ("map(.x)|add", [{"x": 1}, {"x": 2}], [3]),
        ("[.[]|select(.>1)]", [1, 2, 3], [[2, 3]]),
        ("keys", {"b": 1, "a": 2}, [["a", "b"]]),
        ("to_entries", {"a": 1}, [[{"key": "a", "value": 1}]]),
        ("with_entries(.value+=1)", {"a": 1}, [{"a": 2}]),
        ("group_by(.k)|map(length)", [{"k": 1}, {"k": 2}, {"k": 1}], [[2, 1]]),
        ("sort_by(.a)", [{"a": 2}, {"a": 1}], [[{"a": 1}, {"a": 2}]]),
        ('"\\(.a)-x"', {"a": 1}, ["1-x"]),
        ('if .>1 then "big" elif .==1 then "one" else "small" end', 1, ["one"]),
        ('.a // "d"', {}, ["d"]),
        (".a?", 5, []),
        ('try error("x") catch .', 1, ["x"]),
        ("reduce .[] as $x (0; .+$x)", [1, 2, 3], [6]),
        ("[foreach .[] as $x (0; .+$x)]", [1, 2, 3], [[1, 3, 6]]),
        (".. | numbers", [1, [2]], [1, 2]),
        ("del(.a)", {"a": 1, "b": 2}, [{"b": 2}]),
        ("del(.[0,2])", [1, 2, 3], [[2]]),
        (".a |= .+1", {"a": 1}, [{"a": 2}]),
        (".a = 5", {}, [{"a": 5}]),
        ("[range(3)]", None, [[0, 1, 2]]),
        ('test("^a")', "abc", [True]),
        ('[match("a";"g").offset]', "aba", [[0, 2]]),
        ('capture("(?<y>\\\\d+)")', "x42", [{"y": "42"}]),
        ('gsub("a";"b")', "aa", ["bb"]),
        ("@base64", "hi", ["aGk="]),
        ("@csv", [1, 'a"b'], ['1,"a""b"']),
        ('{a, "b":2, (.k):3}', {"a": 1, "k": "z"}, [{"a": 1, "b": 2, "z": 3}]),
        ("def f(x): x*2; f(.)", 4, [8]),
        ("def fac: if .<=1 then 1 else .*(.-1|fac) end; fac", 5, [120]),
        ('split(",")', "a,b", [["a", "b"]]),
        ('join("-")', ["a", 1], ["a-1"]),
        ("ascii_upcase", "ab", ["AB"]),
        ("tostring", {"a": None}, ['{"a":null}']),
        ("fromjson", "[1]", [[1]]),
        ("tonumber", "12", [12]),
        ("unique", [3, 1, 3], [[1, 3]]),
        ("min_by(.a)", [{"a": 2}, {"a": 1}], [{"a": 1}]),
        ("paths", {"a": [1]}, [["a"], ["a", 0]]),
        ("[limit(2;.[])]", [1, 2, 3], [[1, 2]]),
        ("first(.[])", [5, 6], [5]),
        ("any", [False, True], [True]),
        (". as $x | $x+1", 1, [2]),
        ("length", "abc", [3]),
        ("not", False, [True]),
        ("[.[]|tojson]", [1, "a"], [["1", '"a"']]),
        ('has("a")', {"a": 1}, [True]),
        ("contains({a:1})", {"a": 1, "b": 2}, [True]),
        ("flatten", [[1], [2, [3]]], [[1, 2, 3]]),
        ("[.[] as $x | $x*2]", [1, 2], [[2, 4]]),
        ('walk(if type=="number" then .+1 else . end)', [1, {"a": 2}], [[2, {"a": 3}]]),
        ('.["a","b"]', {"a": 1, "b": 2}, [1, 2]),
        ("10/4,10/5", None, [2.5, 2]),
        ("-(1)", None, [-1]),
        (".a as $v | {v:$v}", {"a": 1}, [{"v": 1}]),
        ('to_entries|map("\\(.key)=\\(.value)")|join("&")', {"a": 1, "b": "x"}, ["a=1&b=x"]),
        ('[.[]|.k] | index("b")', [{"k": "a"}, {"k": "b"}], [1]),
        ("map_values(.+1)", {"a": 1}, [{"a": 2}]),
        (".[0] + 1 | . * 2", [1], [4]),
        ('[splits(", *")]', "a, b,c", [["a", "b", "c"]]),
        ('ltrimstr("a")', "ab", ["b"]),
        ('@json "v=\\(.)"', [1], ["v=[1]"]),
        ("todate", 0, ["1970-01-01T00:00:00Z"]),
        ('getpath(["a","b"])', {"a": {"b": 3}}, [3]),
        (".a += 1", {"a": 1}, [{"a": 2}]),
        (".[] |= .+1", [1, 2], [[2, 3]]),
    ],
)
def test_a_program_gives_what_jq_gives(program: str, value: Any, expected: list[Any]) -> None:
    assert run(program, value) == expected


@pytest.mark.parametrize(
    ("program", "value", "message"),
    [
        (".a.b.c", "x", 'Cannot index string with string "a"'),
        (".[]", 5, "Cannot iterate over number (5)"),
        ("sort_by(.a;)", [], "is not expected"),
        ("env", None, "env is not available"),
        ("$ENV", None, "$ENV is not defined"),
        ("input", None, "input is not available"),
        ("nothing(1)", None, "nothing/1 is not defined"),
        ('error("why")', None, "why"),
        ("1 / 0", None, "cannot be divided because the divisor is zero"),
        ('{} + "a"', None, "cannot be added"),
        ("{(1): 2}", None, "Object keys must be strings"),
        (". as [$a] | $a", None, "a name is expected"),
        ("1 = 2", None, "Invalid path expression"),
    ],
)
def test_an_error_says_what_is_wrong(program: str, value: Any, message: str) -> None:
    with pytest.raises(ExpressionError) as raised:
        run(program, value)
    assert message in str(raised.value)


@pytest.mark.parametrize(
    "program",
    [
        "[range(1e12)]",
        "def f: f; f",
        "[repeat(1)]",
        '"a" * 1000000000',
        "reduce range(1e9) as $x (0; . + $x)",
        ".[1000000000] = 1",
        "[range(1000) as $a | range(1000) as $b | range(1000) as $c | 1]",
        "reduce range(1000) as $x ([1]; . + .)",
    ],
)
def test_a_program_that_would_never_end_is_stopped(program: str) -> None:
    with pytest.raises(LimitExceeded):
        run(program, None)
