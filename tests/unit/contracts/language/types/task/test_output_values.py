from contracts.language.types.task.output_values import OUTPUT_VALUES, OutputValues


def test_it_returns_its_values_as_they_are() -> None:
    values = {"a": 1, "b": ["x", None]}
    assert OUTPUT_VALUES.decide(OutputValues(values=values)).outputs == {"values": values}
    assert OUTPUT_VALUES.decide(OutputValues()).outputs == {"values": {}}
