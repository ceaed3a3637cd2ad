"""Makes the task types of a database from what differs between databases."""

from __future__ import annotations

from dataclasses import dataclass

from toccata.plugin import Properties, TaskType, TriggerType
from toccata.plugins.families.jdbc.properties import (
    FileQueriesOutputs,
    FileQueryOutputs,
    InsertOutputs,
    QueriesOutputs,
    QueryOutputs,
)

_ROWS = 'from: "{{ outputs.rows.uri }}"\nsql: INSERT INTO trips (id, distance) VALUES (?, ?)'
_RUN = "toccata.plugins.families.jdbc.run.task"
_POLL = "toccata.plugins.families.jdbc.run.poll"


@dataclass(frozen=True, slots=True, kw_only=True)
class Database:
    package: str
    """The part of type names after ``jdbc.``."""
    name: str
    """For people."""
    extra: str | None
    """Of the package, which has the library. None: Python has it."""
    url: str
    """An example, as a line of YAML, or empty where the default will do."""
    old_packages: tuple[str, ...] = ()
    is_file: bool = False
    """The task opens a file, may keep it, and lets SQL read and write files."""
    loads: bool = False
    """Its SQL may load a file of the task, by the path ``{{ inputFile }}``."""

    def type_name(self, word: str) -> str:
        return f"io.kestra.plugin.jdbc.{self.package}.{word}"

    def aliases(self, word: str) -> tuple[str, ...]:
        return tuple(f"io.kestra.plugin.jdbc.{package}.{word}" for package in self.old_packages)


def query(database: Database, properties: type[Properties]) -> TaskType:
    return _declared(
        database,
        "Query",
        f"Run a statement in {database.name}",
        properties,
        "sql: SELECT 1 AS answer\nfetchType: FETCH_ONE",
    )


def queries(database: Database, properties: type[Properties]) -> TaskType:
    return _declared(
        database,
        "Queries",
        f"Run statements in {database.name}",
        properties,
        "sql: SELECT 1 AS a; SELECT 2 AS b\nfetchType: FETCH",
    )


def trigger(database: Database, properties: type[Properties]) -> TriggerType:
    """Without rows there is no event. `fetchType` says what the event has of them."""
    lines = (
        "id: rows",
        f"type: {database.type_name('Trigger')}",
        database.url,
        "sql: SELECT 1 AS answer\nfetchType: FETCH\ninterval: PT5M",
    )
    return TriggerType(
        name=database.type_name("Trigger"),
        title=f"Start executions by rows of {database.name}",
        properties=properties,
        started_by="poll",
        poll=f"{_POLL}:{'file_' if database.is_file else 'loading_' if database.loads else ''}rows",
        outputs=FileQueryOutputs if database.is_file else QueryOutputs,
        aliases=database.aliases("Trigger"),
        extra=_extra(database),
        kind="heavy",
        directory_variables=_variables(database),
        examples=("\n".join(line for line in lines if line),),
    )


def batch(database: Database, properties: type[Properties], word: str = "Batch") -> TaskType:
    return TaskType(
        name=database.type_name(word),
        title=f"Insert rows into {database.name}",
        properties=properties,
        run=f"{_RUN}:insert",
        outputs=InsertOutputs,
        aliases=database.aliases(word),
        extra=_extra(database),
        kind="heavy",
        examples=(f"id: insert\ntype: {database.type_name(word)}\n{database.url}\n{_ROWS}",),
    )


def _declared(
    database: Database, word: str, title: str, properties: type[Properties], example: str
) -> TaskType:
    many = word == "Queries"
    of_file, of_server = (FileQueriesOutputs, QueriesOutputs) if many else (FileQueryOutputs, QueryOutputs)
    lines = ("id: query", f"type: {database.type_name(word)}", database.url, example)
    return TaskType(
        name=database.type_name(word),
        title=title,
        properties=properties,
        run=f"{_RUN}:{'file_' if database.is_file else 'loading_' if database.loads else ''}{word.lower()}",
        outputs=of_file if database.is_file else of_server,
        aliases=database.aliases(word),
        extra=_extra(database),
        kind="heavy",
        directory_variables=_variables(database),
        examples=("\n".join(line for line in lines if line),),
    )


def _variables(database: Database) -> str | None:
    if database.is_file:
        return f"{_RUN}:directory_variables"
    return f"{_RUN}:input_variables" if database.loads else None


def _extra(database: Database) -> str | None:
    return f"toccata[{database.extra}]" if database.extra else None
