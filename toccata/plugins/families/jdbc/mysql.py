"""``jdbc.mysql.*`` and ``jdbc.mariadb.*``"""

from __future__ import annotations

from typing import ClassVar

from toccata.plugin import PolledProperties, Properties, dynamic
from toccata.plugins.families.jdbc.declare import Database, batch, queries, query, trigger
from toccata.plugins.families.jdbc.properties import Inserted, ManyStatements, Queried

_LOGIN = "username: reader\npassword: \"{{ secret('DATABASE_PASSWORD') }}\""
_MYSQL = Database(
    package="mysql",
    name="MySQL",
    extra="mysql",
    url=f"url: jdbc:mysql://localhost:3306/trips\n{_LOGIN}",
    loads=True,
)
_MARIADB = Database(
    package="mariadb",
    name="MariaDB",
    extra="mysql",
    url=f"url: jdbc:mariadb://localhost:3306/trips\n{_LOGIN}",
    loads=True,
)


class OfMysql(Properties):
    """Which of the two drivers."""

    database: ClassVar[str] = "mysql"


class OfMariadb(Properties):
    """Which of the two drivers."""

    database: ClassVar[str] = "mariadb"


class Loading(Properties):
    """A file that the SQL may load."""

    input_file: str | None = dynamic(
        None, doc="URI of a file: `LOAD DATA LOCAL INFILE '{{ inputFile }}'` reads it, and no other file"
    )


class Query(OfMysql, Loading, Queried):
    """Runs one statement, or with `allowMultiQueries=true` in the URL several, of which the last rows count."""


class Queries(OfMysql, Loading, ManyStatements):
    """Runs statements one after the other."""


class Batch(OfMysql, Inserted):
    """Inserts the rows of a file, chunk by chunk."""


class MariadbQuery(OfMariadb, Loading, Queried):
    """Runs one statement, or with `allowMultiQueries=true` in the URL several, of which the last rows count."""


class MariadbQueries(OfMariadb, Loading, ManyStatements):
    """Runs statements one after the other."""


class Trigger(OfMysql, Loading, Queried, PolledProperties):
    """Runs a query again and again, and starts an execution when it gives rows: use `fetchType`, because without it none are read.
    `afterSQL` can mark what was read, in the same transaction."""


class MariadbTrigger(OfMariadb, Loading, Queried, PolledProperties):
    """Runs a query again and again, and starts an execution when it gives rows: use `fetchType`, because without it none are read.
    `afterSQL` can mark what was read, in the same transaction."""


QUERY = query(_MYSQL, Query)
QUERIES = queries(_MYSQL, Queries)
TRIGGER = trigger(_MYSQL, Trigger)
BATCH = batch(_MYSQL, Batch)
MARIADB_QUERY = query(_MARIADB, MariadbQuery)
MARIADB_QUERIES = queries(_MARIADB, MariadbQueries)
MARIADB_TRIGGER = trigger(_MARIADB, MariadbTrigger)
