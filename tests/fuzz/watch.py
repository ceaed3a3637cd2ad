"""Runs one example: which exceptions are declared, how much processor time it took, and the memory of the process."""

from __future__ import annotations

import resource
import time
import traceback
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

MOST_SECONDS = 5.0
"""Of processor time. A rendering may take two, and the timer needs a moment to notice."""
_SHOWN = 600


@dataclass(slots=True)
class Watch:
    """What was seen of all examples."""

    runs: Counter[str] = field(default_factory=Counter)
    slowest: dict[str, float] = field(default_factory=dict)
    faults: dict[str, str] = field(default_factory=dict)
    """One for each kind of fault, with the example."""
    memory: list[int] = field(default_factory=list)
    """Of the process in MiB, at equal intervals."""

    def run(
        self, target: str, example: object, declared: tuple[type[Exception], ...], call: Callable[[], object]
    ) -> None:
        self.runs[target] += 1
        began = time.process_time()
        try:
            call()
        except declared:
            pass
        except Exception as error:
            place = traceback.extract_tb(error.__traceback__)[-1]
            kind = f"{target}: {type(error).__name__} at {Path(place.filename).name}:{place.lineno}"
            self.faults.setdefault(kind, f"{error!r:.300}\n    {example!r:.{_SHOWN}}")
        seconds = time.process_time() - began
        self.slowest[target] = max(self.slowest.get(target, 0.0), seconds)
        if seconds > MOST_SECONDS:
            self.faults.setdefault(f"{target}: {seconds:.0f} s", f"{example!r:.{_SHOWN}}")


def resident_mib() -> int:
    """The memory of this process now."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() // 1_048_576


def peak_mib() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
