from services.web.core.rows import LogRow, MetricRow
from services.web.core.view.telemetry import log_entry, log_text, metric_entry


def test_a_log_line_counts_attempts_from_zero():
    row = LogRow("e", "n", "f", "t", "tr", None, 1, 0, 1000, "ERROR", "hello")
    assert log_entry(row)["attemptNumber"] == 0
    assert log_text(row) == "1970-01-01T00:00:01.000Z ERROR hello"


def test_timers_are_milliseconds():
    row = MetricRow("e", "n", "f", "t", "tr", 1, "timer", "duration", 0.016, 1000, {})
    assert metric_entry(row)["value"] == 16.0
