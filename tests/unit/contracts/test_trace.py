"""Which values of ``traceparent`` are believed."""

import pytest

from contracts.trace import trace_parent

VALID = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


def test_a_valid_value_stays_as_it_is():
    assert trace_parent(VALID) == VALID


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        "x",
        VALID.upper(),
        VALID + "\n",
        VALID + "-more",
        "01" + VALID[2:],
        VALID.replace("4bf92f3577b34da6a3ce929d0e0e4736", "0" * 32),
        VALID.replace("00f067aa0ba902b7", "0" * 16),
    ],
)
def test_anything_else_is_ignored(text):
    assert trace_parent(text) is None
