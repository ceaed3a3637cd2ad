"""Throws generated requests at every operation of the API's document, against a real system.

``python -m tests.fuzz.api --minutes 5`` starts a system of its own, and reports answers of 500 and more, ends of processes, and
the memory of each process at the start, in the middle and at the end. It exits with 1 if anything of that is wrong. ``--seed``
repeats a run.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import sys
import tempfile
from collections import Counter
from collections.abc import Mapping
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
"""How much more memory a process may have after a run."""
_SHOWN = 20


@dataclass
class Findings:
    statuses: Counter[int] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)
    memory: list[dict[str, int]] = field(default_factory=list)
    """Of each process in bytes: at the start, in the middle, at the end."""
    ended: list[str] = field(default_factory=list)
    """Processes that do not run any more."""
    traces: list[str] = field(default_factory=list)

    @property
    def bad(self) -> bool:
        return bool(self.failures or self.ended or self.traces or self.grown)

    @property
    def grown(self) -> list[str]:
        """The processes that have too much more memory than at the start."""
        first, last = self.memory[0], self.memory[-1]
        return [name for name in first if last.get(name, 0) - first[name] > _GROWTH_BYTES]

    def told(self) -> str:
        lines = [
            f"{sum(self.statuses.values())} requests: "
            + ", ".join(f"{n} of {status}" for status, n in sorted(self.statuses.items())),
            *(f"memory of {name}, in MB: {self._of(name)}" for name in self.memory[0]),
            *(f"{name} has grown too much" for name in self.grown),
            *(f"{name} has ended" for name in self.ended),
            *self.failures[:_SHOWN],
            *self.traces[:_SHOWN],
        ]
        return "\n".join(lines)

    def _of(self, name: str) -> str:
        return ", ".join(f"{at[name] / 1e6:.0f}" if name in at else "gone" for at in self.memory)


async def fuzz(
    system: System, servers: Mapping[str, int], seconds: int, seed: int | None, folder: Path
) -> Findings:
    """Send requests for this time. ``servers`` are pids of further processes that are watched."""
    async with signed_in(system) as api:
        await api.save(FLOW)
        await api.execute("x", "x", wait=True)
    log = system.replicas["web"].log_path
    begin = log.stat().st_size
    pids = {**{name: replica.pid for name, replica in system.replicas.items()}, **servers}
    findings = Findings(memory=[memory_of(pids)])
    report = folder / "report.ndjson"
    child = await asyncio.create_subprocess_exec(*_command(system, seconds, seed, report), cwd=folder)
    try:
        await asyncio.wait_for(child.wait(), seconds / 2)
    except TimeoutError:
        findings.memory.append(memory_of(pids))
        await child.wait()
    findings.ended = [name for name, pid in pids.items() if not psutil.pid_exists(pid)]
    findings.memory.append(memory_of(pids))
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


def memory_of(pids: Mapping[str, int]) -> dict[str, int]:
    """Return the resident memory of each of these processes that runs, with its children, in bytes."""
    found = {}
    for name, pid in pids.items():
        with contextlib.suppress(psutil.NoSuchProcess):
            process = psutil.Process(pid)
            family = [process, *process.children(recursive=True)]
            found[name] = sum(one.memory_info().rss for one in family)
    return found


async def _run(seconds: int, seed: int | None) -> int:
    with tempfile.TemporaryDirectory(prefix="toccata-fuzz-") as name:
        folder = Path(name)
        kafka, postgres = EmbeddedKafka(folder / "kafka"), EmbeddedPostgres(folder / "postgres")
        try:
            await asyncio.gather(kafka.start(), postgres.start())
            async with running_system(kafka.address, postgres.url, folder / "system") as system:
                servers = {"kafka": kafka.pid or 0, "postgres": postgres.pid or 0}
                findings = await fuzz(system, servers, seconds, seed, folder)
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
