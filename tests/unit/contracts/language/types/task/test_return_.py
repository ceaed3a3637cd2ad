from contracts.language.types.pure import Line, Result
from contracts.language.types.task.return_ import RETURN, Return


def test_it_returns_and_logs_its_text_and_measures_its_length() -> None:
    result = RETURN.decide(Return(format="x" * 150))
    assert result.outputs == {"value": "x" * 150}
    assert result.lines == [Line("DEBUG", "x" * 150)]
    assert [(each.kind, each.name, each.value) for each in result.metrics] == [
        ("counter", "length", 150),
        ("timer", "duration", 0.0),
    ]
    assert all(each.tags == {"format": "x" * 100} for each in result.metrics)


def test_without_a_format_it_gives_nothing() -> None:
    assert RETURN.decide(Return()) == Result()
