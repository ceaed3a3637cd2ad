import pytest

from contracts.language.types.input.object import parse


def test_a_map_also_as_json():
    assert parse('{"a": 1}') == {"a": 1}
    assert parse({"a": 1}) == {"a": 1}


@pytest.mark.parametrize("value", ["x", "[]", [1], 7])
def test_anything_else_is_no_object(value):
    with pytest.raises(ValueError):
        parse(value)
