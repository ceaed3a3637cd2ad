"""``jdbc.sqlite.*``"""

from __future__ import annotations

from typing import ClassVar

from toccata.plugin import PolledProperties, Properties, dynamic
from toccata.plugins.families.jdbc.declare import Database, queries, query, trigger
from toccata.plugins.families.jdbc.properties import ManyStatements, Queried

_OF = Database(package="sqlite", name="SQLite", extra=None, url="", is_file=True)


class Embedded(Properties):
    """A database in the working directory of the task."""

    database: ClassVar[str] = "sqlite"
    url: str = dynamic(
        "jdbc:sqlite:", doc="`jdbc:sqlite:` is a new database, `jdbc:sqlite:/path` a file of the worker"
    )
    sqlite_file: str | None = dynamic(None, doc="URI of a database: the task works on a copy")
    output_db_file: bool = dynamic(default=False, doc="keep the database, as output `databaseUri`")
    output_files: list[str] = dynamic(
        [], doc="names of files that the SQL writes, to the path `{{ outputFiles.name }}`"
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
