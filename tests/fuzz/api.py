"""Throws generated requests at every operation of the API's document, against a real system.

``python -m tests.fuzz.api --minutes 5`` starts a system of its own, and reports answers of 500 and more, ends of processes, and
web's memory before and after. It exits with 1 if anything of that is wrong. ``--seed`` repeats a run.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

from tests.support.api import signed_in
from tests.support.system import System, running_system
from toccata.standalone.kafka import EmbeddedKafka
from toccata.standalone.postgres import EmbeddedPostgres

FLOW = """\
id: x
namespace: x
inputs:
  - {id: name, type: STRING, defaults: world}
tasks:
  - {id: x, type: io.kestra.plugin.core.debug.Return, format: "Hello, {{ inputs.name }}!"}
triggers:
  - {id: x, type: io.kestra.plugin.core.trigger.Webhook, key: x-and-sixteen-more}
"""
_ENDLESS = "/follow$"
"""Live streams, which end with their execution."""
_ANSWER_SECONDS = 15
_GROWTH_BYTES = 300_000_000
"""How much more memory web may have after a run."""
_SHOWN = 20


@dataclass
class Findings:
    statuses: Counter[int] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)
    before: int = 0
    after: int = 0
    ended: list[str] = field(default_factory=list)
    """Services that do not run any more."""
    traces: list[str] = field(default_factory=list)

    @property
    def bad(self) -> bool:
        return bool(self.failures or self.ended or self.traces or self.after - self.before > _GROWTH_BYTES)

    def told(self) -> str:
        lines = [
            f"{sum(self.statuses.values())} requests: "
            + ", ".join(f"{n} of {status}" for status, n in sorted(self.statuses.items())),
            f"memory of web: {self.before / 1e6:.0f} MB before, {self.after / 1e6:.0f} MB after",
            *(f"{name} has ended" for name in self.ended),
            *self.failures[:_SHOWN],
            *self.traces[:_SHOWN],
        ]
        return "\n".join(lines)


async def fuzz(system: System, seconds: int, seed: int | None, folder: Path) -> Findings:
    """Send requests for this time."""
    async with signed_in(system) as api:
        await api.save(FLOW)
        await api.execute("x", "x", wait=True)
    log = system.replicas["web"].log_path
    begin = log.stat().st_size
    findings = Findings(before=memory_of(system))
    pids = {name: replica.pid for name, replica in system.replicas.items()}
    report = folder / "report.ndjson"
    child = await asyncio.create_subprocess_exec(*_command(system, seconds, seed, report), cwd=folder)
    await child.wait()
    findings.ended = [name for name, pid in pids.items() if not psutil.pid_exists(pid)]
    findings.after = memory_of(system)
    for line in report.read_text().splitlines():
        _read(json.loads(line), findings)
    with log.open("rb") as file:
        file.seek(begin)
        said = file.read().decode(errors="replace").splitlines()
    findings.traces = [
        line[:100] + " … " + line[-1500:] for line in said if "request_failed" in line or "Traceback" in line
    ]
    return findings


def _command(system: System, seconds: int, seed: int | None, report: Path) -> list[str]:
    program = str(Path(sys.executable).with_name("schemathesis"))
    return [
        program, "run", f"{system.url}/api/v1/openapi.json", "--auth", ":".join(system.auth), "--no-color",
        "--checks", "not_a_server_error", "--phases", "fuzzing,coverage", "--max-time", str(seconds),
        "--max-examples", "15", "--workers", "2", "--continue-on-failure", "--no-shrink", "--exclude-path-regex", _ENDLESS,
        "--request-timeout", str(_ANSWER_SECONDS), "--warnings", "off", "--suppress-health-check", "all",
        "--generation-database", "none", "--report", "ndjson", "--report-ndjson-path", str(report),
        "--output-truncate", "true",
        *(["--seed", str(seed)] if seed is not None else []),
    ]  # fmt: skip


def _read(event: Any, findings: Findings) -> None:
    """Take every answer out of an event of the report, wherever it is in it."""
    if isinstance(event, dict):
        response = event.get("response")
        if isinstance(response, dict) and isinstance(response.get("status_code"), int):
            status = response["status_code"]
            findings.statuses[status] += 1
            if status >= 500:
                findings.failures.append(json.dumps(event)[:1500])
        for value in event.values():
            _read(value, findings)
    elif isinstance(event, list):
        for value in event:
            _read(value, findings)


def memory_of(system: System) -> int:
    """Return the resident memory of web, in bytes."""
    return int(psutil.Process(system.pid("web")).memory_info().rss)


async def _run(seconds: int, seed: int | None) -> int:
    with tempfile.TemporaryDirectory(prefix="toccata-fuzz-") as name:
        folder = Path(name)
        kafka, postgres = EmbeddedKafka(folder / "kafka"), EmbeddedPostgres(folder / "postgres")
        try:
            await asyncio.gather(kafka.start(), postgres.start())
            async with running_system(kafka.address, postgres.url, folder / "system") as system:
                findings = await fuzz(system, seconds, seed, folder)
        finally:
            await asyncio.gather(kafka.stop(), postgres.stop())
    print(findings.told())
    return int(findings.bad)


def main() -> int:
    parser = argparse.ArgumentParser(description="Send generated requests to every operation of the API.")
    parser.add_argument("--minutes", type=float, default=5.0)
    parser.add_argument("--seed", type=int)
    given = parser.parse_args()
    return asyncio.run(_run(max(1, round(given.minutes * 60)), given.seed))


if __name__ == "__main__":
    sys.exit(main())
