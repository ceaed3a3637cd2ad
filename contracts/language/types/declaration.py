"""What a declaration says of a type: names, properties, documentation; of a flowable also its slots and its behaviour."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from inspect import cleandoc
from typing import Any, Generic, Literal, Protocol, TypeAlias, TypeVar

from pydantic import BaseModel

from contracts.language.types.behaviour import Group, Lists, N, Next, Opening, Rendering
from contracts.language.types.property import Properties
from contracts.scalars import JsonObject

Compiled = TypeVar("Compiled")
Compiled_contra = TypeVar("Compiled_contra", contravariant=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Declaration:
    """What all types have in common. The documentation of a type is the docstring of its properties."""

    name: str
    """The full type name, as written in flows."""
    title: str
    properties: type[Properties]
    aliases: tuple[str, ...] = ()
    """Older names that are accepted with a deprecation."""
    deprecated_by: str | None = None
    """The type to use instead."""
    outputs: type[BaseModel] | None = None
    """For documentation."""
    examples: tuple[str, ...] = ()
    """YAML of one task, trigger or runner each."""

    @property
    def description(self) -> str:
        return cleandoc(self.properties.__doc__ or "")


SlotShape: TypeAlias = Literal["list", "cases", "dag"]
"""How a flowable holds its children: a list, a map of lists, or a list of ``{task, dependsOn}``."""


@dataclass(frozen=True, slots=True)
class Slot:
    """A property of a flowable that holds child tasks."""

    shape: SlotShape = "list"
    required: bool = False


ERRORS, FINALLY = "errors", "finally"
TAIL: Mapping[str, Slot] = {ERRORS: Slot(), FINALLY: Slot()}
"""What every flowable has beside its main tasks."""


def case_list(slot: str, case: str) -> str:
    """The name of one list of a slot that holds cases."""
    return f"{slot}.{case}"


class Main(Protocol):
    def __call__(self, lists: Lists[N], outputs: JsonObject, /) -> tuple[N, ...]:
        """The main tasks of a run that opened with these outputs."""
        ...


class Following(Protocol[Compiled_contra]):
    def __call__(self, compiled: Compiled_contra, group: Group, main: tuple[N, ...], /) -> Next[N] | None:
        """The next main task to begin, in O(1) amortised where the number of children has no bound."""
        ...


def tasks_of(lists: Lists[N], outputs: JsonObject) -> tuple[N, ...]:  # noqa: ARG001 - one signature for all kinds
    """The main tasks of a flowable that has one list of them."""
    return lists.get("tasks", ())


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowableType(Declaration, Generic[Compiled]):
    """A task that has child tasks and runs in the executor. Its functions are pure and must never wait."""

    slots: Mapping[str, Slot]
    compile: Callable[[Any], Compiled]
    """Its validated properties to what its other functions need; called once a revision."""
    opening: Callable[[Compiled, Rendering], Opening]
    """What is known from the start on. Raises RenderingFailed: the task run fails."""
    following: Following[Compiled]
    main: Main = field(default=tasks_of)
