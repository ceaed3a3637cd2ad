"""Properties and outputs that conversions share."""

from __future__ import annotations

from typing import ClassVar, Literal, TypeAlias

from pydantic import BaseModel

from toccata.plugin import Properties, TaskType, dynamic

RUN = "toccata.plugins.families.serdes.run.task"
BadLines: TypeAlias = Literal["ERROR", "WARN", "SKIP"]
CHARSET = "how text is written in the file"
BAD_LINES = "what happens with a row that does not fit: fail, leave it out and say so, or leave it out"


class Converted(Properties):
    """A file that becomes another one."""

    conversion: ClassVar[str]
    """The function: ``module:name`` below ``run``."""
    ending: ClassVar[str]
    """Of the new file's name."""

    from_: str = dynamic(doc="URI of the file", alias="from")


class InCharset(Converted):
    """One of the two files is text in this charset."""

    charset: str = dynamic("UTF-8", doc=CHARSET)


class Outputs(BaseModel):
    uri: str
    """The new file."""
    size: int
    """Number of rows."""


def converter(properties: type[Converted], name: str, title: str, *old: str) -> TaskType:
    """The task type ``serdes.<name>``. ``old``: the last words of older names."""
    package, _, _ = name.partition(".")
    full = f"io.kestra.plugin.serdes.{name}"
    return TaskType(
        name=full,
        title=title,
        properties=properties,
        run=f"{RUN}:convert",
        outputs=Outputs,
        aliases=tuple(f"io.kestra.plugin.serdes.{package}.{word}" for word in old),
        extra="toccata[serdes]",
        kind="heavy",
        examples=(f'id: convert\ntype: {full}\nfrom: "{{{{ outputs.rows.uri }}}}"',),
    )
