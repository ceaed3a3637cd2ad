"""A test with real servers may fail once: it runs a second time, and the gate says so.

These machines stand still for seconds now and then, and hundreds of tests with servers run in one gate. A failure that a
second run does not show is printed with its trace, because it may be a defect. If there are more than a few, the gate fails.
"""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from _pytest.terminal import TerminalReporter

MOST_SECOND_RUNS = 4


def pytest_collection_modifyitems(items: Sequence[pytest.Item]) -> None:
    for item in items:
        if item.get_closest_marker("servers") is not None:
            item.add_marker(pytest.mark.flaky(reruns=1))


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if isinstance(reporter, TerminalReporter) and len(reporter.stats.get("rerun", ())) > MOST_SECOND_RUNS:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: TerminalReporter) -> None:
    failed_once = terminalreporter.stats.get("rerun", [])
    if not failed_once:
        return
    terminalreporter.section(f"failed once ({len(failed_once)}; at most {MOST_SECOND_RUNS} may)")
    for report in failed_once:
        terminalreporter.write_line(report.nodeid)
        terminalreporter.write_line(report.longreprtext)
