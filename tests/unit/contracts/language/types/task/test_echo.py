from contracts.language.types.pure import Line
from contracts.language.types.task.echo import ECHO, Echo


def test_it_logs_its_text_or_an_empty_line() -> None:
    assert ECHO.decide(Echo(format="hi", level="DEBUG")).lines == [Line("DEBUG", "hi")]
    assert ECHO.decide(Echo()).lines == [Line("INFO", "")]
