"""``python -m tests.benchmarks.peers [--warm SECONDS] [NAME …]``. Run it on a machine that does nothing else."""

from __future__ import annotations

import argparse
import asyncio
import platform
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil

from tests.benchmarks.calibration import ADDITIONS, calibration_seconds
from tests.benchmarks.peers import dbos, report, restate, toccata
from tests.benchmarks.peers.peer import Figures, Running, measured
from tests.benchmarks.peers.plot import plot
from tests.benchmarks.peers.scratch import Scratch

SCRATCH = Path(__file__).parents[3] / "build" / "peers"
NAMES = (report.RESTATE, "dbos", report.PURE, report.DISPATCHED)


def _running(name: str, scratch: Scratch, folder: Path) -> Running:
    if name == report.RESTATE:
        return restate.running(scratch, folder)
    if name == "dbos":
        return dbos.running(scratch, folder)
    in_place = "true" if name == report.PURE else "false"
    return toccata.running(folder, {"TOCCATA_EXECUTOR_IN_PLACE": in_place})


async def _measure(names: list[str], scratch: Scratch, warm_seconds: float) -> dict[str, Figures]:
    figures = {}
    for name in names:
        print(f"measuring {name} …", flush=True)
        with TemporaryDirectory(prefix="toccata-peers-") as folder:
            async with _running(name, scratch, Path(folder)) as peer:
                figures[name] = await measured(peer, warm_seconds)
    return figures


def main() -> int:
    parser = argparse.ArgumentParser(prog="make bench-peers", description=__doc__)
    parser.add_argument(
        "--warm", type=float, default=60.0, help="seconds of load before anything is measured"
    )
    parser.add_argument("names", nargs="*", help=f"of {', '.join(NAMES)}; all without any")
    arguments = parser.parse_args()
    names = arguments.names or list(NAMES)
    if unknown := [name for name in names if name not in NAMES]:
        print(f"unknown: {', '.join(unknown)}; there are {', '.join(NAMES)}")
        return 2
    scratch = Scratch(SCRATCH)
    scratch.install()
    figures = asyncio.run(_measure(names, scratch, arguments.warm))
    memory = psutil.virtual_memory().total / 2**30
    print(
        f"\n{psutil.cpu_count()} cores, {memory:.0f} GB, {platform.system()}, Python {platform.python_version()}; "
        f"{ADDITIONS:,} additions take {calibration_seconds():.2f} s\n"
    )
    print("\n".join(report.table(figures)))
    picture = SCRATCH / "latency.svg"
    picture.write_text(plot(report.medians(figures)))
    print(f"\np50 over the rate: {picture}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
