"""``python -m tests.benchmarks [NAME …]`` prints the README's figures as a table. Run it on a machine that does nothing else."""

from __future__ import annotations

import asyncio
import platform
import sys

import psutil

from tests.benchmarks.calibration import ADDITIONS, calibration_seconds
from tests.benchmarks.measure import MEASUREMENTS, Row
from tests.benchmarks.system import standalone


async def run(names: list[str]) -> list[Row]:
    rows: list[Row] = []
    async with standalone() as system:
        for name in names:
            print(f"measuring {name} …", flush=True)
            rows += await MEASUREMENTS[name](system)
    return rows


def main() -> int:
    names = sys.argv[1:] or list(MEASUREMENTS)
    unknown = [name for name in names if name not in MEASUREMENTS]
    if unknown:
        print(f"unknown: {', '.join(unknown)}; there are {', '.join(MEASUREMENTS)}")
        return 2
    rows = asyncio.run(run(names))
    memory = psutil.virtual_memory().total / 2**30
    print(
        f"\n{psutil.cpu_count()} cores, {memory:.0f} GB, {platform.system()}, Python {platform.python_version()}; "
        f"{ADDITIONS:,} additions take {calibration_seconds():.2f} s\n"
    )
    print("| what | measured | target |\n|---|---|---|")
    for row in rows:
        print(f"| {row.what} | {row.measured} | {row.target} |")
    return 0


if __name__ == "__main__":
    sys.exit(main())
