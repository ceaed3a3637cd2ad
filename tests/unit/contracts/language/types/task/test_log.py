from contracts.language.types.pure import Line
from contracts.language.types.task.log import LOG, Log


def test_one_text_is_one_line_and_a_list_is_a_line_each() -> None:
    assert LOG.decide(Log(message="hi", level="WARN")).lines == [Line("WARN", "hi")]
    assert LOG.decide(Log(message=["a", "b"])).lines == [Line("INFO", "a"), Line("INFO", "b")]


def test_it_has_no_outputs_and_never_fails() -> None:
    result = LOG.decide(Log(message="hi"))
    assert (result.outputs, result.failure) == ({}, None)
