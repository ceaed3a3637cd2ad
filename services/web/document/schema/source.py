"""Search and replace in the sources of flows."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from services.web.document.schema.base import FlowId, OpenShape, Shape
from services.web.document.schema.flow import FlowWithSource


class Replacing(OpenShape):
    query: str = Field(description="what to look for; never over several lines")
    replacement: str = Field(description="what to put there; of a regular expression `$1` is its first group")
    case_sensitive: bool = False
    whole_word: bool = False
    regex: bool = False


class ReplaceIn(Replacing):
    namespace: str | None = Field(None, description="this namespace and those below it")


class ReplaceApply(Replacing):
    flows: list[FlowId] = Field(description="1 to 1,000")


class ReplaceLine(Replacing):
    namespace: str
    id: str
    line: int = Field(description="from 1; all matches on it are replaced")


class ChangedLine(Shape):
    line: int
    before: str
    after: str


class ChangedFlow(Shape):
    namespace: str
    id: str
    editable: bool
    matches: list[ChangedLine]


class ReplacePreview(Shape):
    total_matches: int
    total_flows: int
    editable_flow_count: int
    flows: list[ChangedFlow]


class SkippedFlow(Shape):
    namespace: str
    id: str
    reason: Literal["NOT_FOUND", "NO_MATCH", "NO_CHANGE", "INVALID_FLOW", "UNKNOWN"]
    message: str | None = None


class Replaced(Shape):
    updated: list[FlowWithSource]
    skipped: list[SkippedFlow] = Field(description="flows that were left as they are, each with the reason")
