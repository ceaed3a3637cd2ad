import pytest

from contracts.language.types.input.table import TableInput, check, parse


def test_rows_are_maps_also_as_json():
    assert parse('[{"a": 1}]') == [{"a": 1}]
    assert parse([{"a": 1}, {}]) == [{"a": 1}, {}]


@pytest.mark.parametrize("value", ["x", "{}", "[1]", {"a": 1}, [["a"]], 7])
def test_anything_else_is_no_table(value):
    with pytest.raises(ValueError):
        parse(value)


def test_the_number_of_rows_is_bounded():
    declared = TableInput.model_validate(
        {"id": "t", "type": "TABLE", "columns": [{}], "rows": {"min": 2, "max": 3}}, by_alias=True
    )
    assert check(declared, [{}]) == ["it must have at least 2 row(s)"]
    assert check(declared, [{}] * 4) == ["it must have at most 3 row(s)"]
    assert check(declared, [{}] * 3) == []
