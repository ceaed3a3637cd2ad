"""``jdbc.duckdb.*``"""

from __future__ import annotations

from typing import Any, ClassVar

from toccata.plugin import PolledProperties, Properties, dynamic
from toccata.plugins.families.jdbc.declare import Database, queries, query, trigger
from toccata.plugins.families.jdbc.properties import ManyStatements, Queried

_OF = Database(package="duckdb", name="DuckDB", extra="duckdb", url="", is_file=True)


class Embedded(Properties):
    """A database in the working directory of the task, beside its files."""

    database: ClassVar[str] = "duckdb"
    login_options: ClassVar[tuple[str, ...]] = ("community_extensions",)
    url: str = dynamic(
        "jdbc:duckdb:",
        doc="`jdbc:duckdb:` is a new database, `jdbc:duckdb:/path` a file of the worker, `jdbc:duckdb:md:name` one of MotherDuck",
    )
    database_uri: str | None = dynamic(None, doc="URI of a database: the task works on a copy")
    output_db_file: bool = dynamic(default=False, doc="keep the database, as output `databaseUri`")
    input_files: dict[str, Any] | None = dynamic(
        None, doc="files beside the database: name and text, or name and URI. SQL reads them by name"
    )
    output_files: list[str] = dynamic(
        [], doc="names of files that the SQL writes, to the path `{{ outputFiles.name }}`"
    )
    community_extensions: list[str] = dynamic(
        [],
        doc="extensions to install from DuckDB's community repository; one that cannot be had is only logged",
    )


class Query(Embedded, Queried):
    """Runs one statement. `{{ workingDir }}` and `{{ dbFilePath }}` are paths for the SQL."""


class Queries(Embedded, ManyStatements):
    """Runs statements one after the other. `{{ workingDir }}` and `{{ dbFilePath }}` are paths for the SQL."""


class Trigger(Embedded, Queried, PolledProperties):
    """Runs a query again and again, and starts an execution when it gives rows: use `fetchType`, because without it none are read.
    `afterSQL` can mark what was read, in the same transaction."""


QUERY = query(_OF, Query)
QUERIES = queries(_OF, Queries)
TRIGGER = trigger(_OF, Trigger)
