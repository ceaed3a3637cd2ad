import pytest

from contracts.language.types.input.ion import parse


def test_a_text_is_read_as_ion_and_anything_else_is_a_value():
    assert parse('{name:"Ada",nested:{active:true}}') == {"name": "Ada", "nested": {"active": True}}
    assert parse("[1, two]") == [1, "two"]
    assert parse({"a": 1}) == {"a": 1}
    assert parse([1]) == [1]


@pytest.mark.parametrize("text", ["", "{a:1", "1 2", "{" * 500])
def test_what_is_not_one_ion_value_is_refused(text):
    with pytest.raises(ValueError, match="Ion"):
        parse(text)
