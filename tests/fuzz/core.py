"""Fuzzes the pure cores: ``python -m tests.fuzz.core --minutes 15``. Prints each kind of fault once, and the memory. Exits with 1
if there was a fault."""

from __future__ import annotations

import argparse
import logging
import sys
import time
from collections.abc import Callable
from typing import Any

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from tests.fuzz import event, expression, flow, fold, machine, multipart, record
from tests.fuzz.watch import Watch, peak_mib, resident_mib
from toccata.runtime.rendering_limit import interrupt_long_renderings

Target = tuple[st.SearchStrategy[Any], Callable[[Any], None], tuple[type[Exception], ...]]
TARGETS: dict[str, Target] = {
    "expressions": (expression.TEMPLATES, expression.check, expression.DECLARED),
    "flows": (flow.SOURCES, flow.check, flow.DECLARED),
    "records": (record.records(), record.check, record.DECLARED),
    "machines": (machine.EXAMPLES, machine.check, machine.DECLARED),
    "folds": (fold.EXAMPLES, fold.check, fold.DECLARED),
    "events": (event.EXAMPLES, event.check, event.DECLARED),
    "multipart": (multipart.EXAMPLES, multipart.check, multipart.DECLARED),
}
ROUND = 100
PARTS = 10
"""The memory is looked at after each tenth of the time. Caches fill at first; what still grows in the end leaks."""


def one_round(name: str, number: int, watch: Watch, examples: int = ROUND) -> None:
    """Run so many examples of a target. The number of the round is the seed."""
    examples_of, check, declared = TARGETS[name]

    @seed(number)
    @settings(
        max_examples=examples,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(examples_of)
    def run(example: Any) -> None:
        watch.run(name, example, declared, lambda: check(example))

    run()


def fuzz(seconds: float, first: int) -> Watch:
    """Take turns at the targets until the time is over."""
    watch, number = Watch(), first
    began = time.monotonic()
    while (passed := time.monotonic() - began) < seconds:
        if passed >= seconds * len(watch.memory) / PARTS:
            watch.memory.append(resident_mib())
        for name in TARGETS:
            one_round(name, number, watch)
        number += 1
    watch.memory.append(resident_mib())
    return watch


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=15)
    parser.add_argument("--seed", type=int, default=0, help="of the first round")
    arguments = parser.parse_args()
    interrupt_long_renderings()
    logging.getLogger("python_multipart").setLevel(logging.CRITICAL)  # it warns of every malformed body
    one_round("expressions", 0, Watch(), 10)
    watch = fuzz(arguments.minutes * 60, arguments.seed)
    for name, count in watch.runs.items():
        print(f"{name}: {count} examples, slowest {watch.slowest[name]:.2f} s of processor time")
    print(f"memory, in MiB: {' '.join(map(str, watch.memory))}; {peak_mib()} at most")
    for kind, example in watch.faults.items():
        print(f"FAULT {kind}\n    {example}")
    return 1 if watch.faults else 0


if __name__ == "__main__":
    sys.exit(main())
