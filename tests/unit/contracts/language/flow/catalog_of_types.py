"""A catalog of the few types that these tests use."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from contracts.language.flow.catalog import TypeInfo
from contracts.language.flow.violation import Violation

LOG = "io.kestra.plugin.core.log.Log"

_TYPES = {
    LOG: TypeInfo(LOG, "runnable", None, frozenset({"message", "level"})),
    "io.kestra.core.tasks.log.Log": TypeInfo(LOG, "runnable", LOG, frozenset({"message", "level"})),
    "io.kestra.plugin.core.debug.Return": TypeInfo("io.kestra.plugin.core.debug.Return", "runnable"),
    "io.kestra.plugin.core.output.OutputValues": TypeInfo(
        "io.kestra.plugin.core.output.OutputValues", "runnable"
    ),
    "test.Static": TypeInfo("test.Static", "runnable", None, frozenset({"text"}), frozenset({"text"})),
    "test.Runner": TypeInfo("test.Runner", "runner"),
}


class FewTypes:
    def resolve(self, type_name: str) -> TypeInfo | None:
        return _TYPES.get(type_name)

    def names(self) -> Iterable[str]:
        return _TYPES

    def check(self, type_name: str, properties: Mapping[str, object]) -> Sequence[Violation]:
        if type_name != LOG:
            return []
        found = [
            Violation(f'Unrecognized field "{key}"', key, kind="structure")
            for key in properties
            if key not in ("message", "level")
        ]
        return [*found, *([] if "message" in properties else [Violation("must not be null", "message")])]
