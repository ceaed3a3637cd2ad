"""The doctor's finding about one part."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from toccata.cli.output import say

Verdict = Literal["ok", "warn", "bad"]
_STYLES = {"ok": "green", "warn": "yellow", "bad": "bold red"}


@dataclass(frozen=True, slots=True)
class Finding:
    part: str
    verdict: Verdict
    text: str
    advice: str = ""


def say_finding(finding: Finding) -> None:
    say((f"{finding.verdict:<5}", _STYLES[finding.verdict]), (f"{finding.part:<17}", "bold"), finding.text)
    if finding.advice:
        say(f"{'':<22}→ {finding.advice}")


def conclusion(found: list[Finding]) -> str:
    verdicts = [finding.verdict for finding in found]
    if "bad" in verdicts:
        return f"{verdicts.count('bad')} of {len(found)} parts need something."
    return "Nothing is broken; see the warnings." if "warn" in verdicts else "All is well."
