"""A stand-in for Google BigQuery: its REST API over HTTP, with DuckDB below. sqlglot translates the SQL. It has no sign-in, no partitions,
and only what our tests ask of it; everything else answers with 501."""

from __future__ import annotations

import base64
import json
import os
import re
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, time
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit
from urllib.request import Request, urlopen

import duckdb
import sqlglot
from sqlglot import exp

_TYPES = {
    "BIGINT": "INTEGER",
    "INTEGER": "INTEGER",
    "HUGEINT": "INTEGER",
    "DOUBLE": "FLOAT",
    "VARCHAR": "STRING",
    "BOOLEAN": "BOOLEAN",
    "BLOB": "BYTES",
    "DATE": "DATE",
    "TIME": "TIME",
    "TIMESTAMP": "TIMESTAMP",
}
_READERS = {"CSV": "read_csv", "NEWLINE_DELIMITED_JSON": "read_json", "PARQUET": "read_parquet"}
_NAME = re.compile(r"[A-Za-z_]\w*")


class Refused(Exception):
    def __init__(self, status: int, reason: str, message: str) -> None:
        super().__init__(message)
        self.status, self.reason = status, reason


class Warehouse:
    """Datasets are schemas of a database in memory. One thing at a time."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.asked: list[str] = []
        self.partitions: list[str] = []
        """What every table says its partitions are."""
        self.failures: list[tuple[str, str]] = []
        """Reason and message of the jobs that come next."""
        self._database = duckdb.connect()
        self._datasets: dict[str, dict[str, Any]] = {}
        self._tables: dict[tuple[str, str], dict[str, Any]] = {}
        self._jobs: dict[str, dict[str, Any]] = {}
        self._results: dict[str, tuple[list[dict[str, Any]], list[Any]]] = {}
        self._uploads: dict[str, dict[str, Any]] = {}
        self._numbers = count(1)

    def rows(self, sql: str) -> list[Any]:
        """In DuckDB's words."""
        with self.lock:
            return self._database.execute(sql).fetchall()

    def answer(self, method: str, path: str, query: dict[str, list[str]], body: Any) -> Any:
        self.asked.append(f"{method} {path}")
        parts = path.removeprefix("/bigquery/v2/").split("/")
        match method, parts:
            case "POST", ["projects", _, "datasets"]:
                return self._create_dataset(body)
            case _, ["projects", _, "datasets", name]:
                return self._dataset(method, name, body, query)
            case "POST", ["projects", project, "datasets", name, "tables"]:
                return self._create_table(project, name, body)
            case _, ["projects", _, "datasets", name, "tables", table]:
                return self._table(method, name, table, body)
            case "POST", ["projects", project, "jobs"]:
                return self.run(project, body, None)
            case "GET", ["projects", _, "jobs", number]:
                return self._jobs[number]
            case "GET", ["projects", _, "queries", number]:
                return self._page(number, query)
        raise Refused(501, "notImplemented", f"{method} {path} is not here")

    def upload(self, project: str, body: Any) -> str:
        number = f"upload{next(self._numbers)}"
        self._uploads[number] = {"project": project, "job": body}
        return number

    def uploaded(self, number: str, content: bytes) -> Any:
        found = self._uploads.pop(number)
        return self.run(found["project"], found["job"], content)

    def _create_dataset(self, body: Any) -> Any:
        name = body["datasetReference"]["datasetId"]
        if name in self._datasets:
            raise Refused(409, "duplicate", f"Already Exists: Dataset trips:{name}")
        self._datasets[name] = {**body, "location": body.get("location", "US")}
        self._database.execute(f'CREATE SCHEMA "{name}"')
        return self._datasets[name]

    def _dataset(self, method: str, name: str, body: Any, query: dict[str, list[str]]) -> Any:
        if name not in self._datasets:
            raise Refused(404, "notFound", f"Not found: Dataset trips:{name}")
        if method == "PATCH":
            self._datasets[name] |= body
        if method == "DELETE":
            owned = [key for key in self._tables if key[0] == name]
            if owned and query.get("deleteContents") != ["true"]:
                raise Refused(400, "resourceInUse", f"Dataset trips:{name} is still in use")
            for key in owned:
                del self._tables[key]
            self._database.execute(f'DROP SCHEMA "{name}" CASCADE')
            return self._datasets.pop(name) and {}
        return self._datasets[name]

    def _create_table(self, project: str, dataset: str, body: Any) -> Any:
        table = body["tableReference"]["tableId"]
        if (dataset, table) in self._tables:
            raise Refused(409, "duplicate", f"Already Exists: Table trips:{dataset}.{table}")
        if "view" in body:
            self._sql(f"CREATE VIEW `{project}.{dataset}.{table}` AS {body['view']['query']}")
        else:
            columns = ", ".join(f"{each['name']} {each['type']}" for each in body["schema"]["fields"])
            self._sql(f"CREATE TABLE `{project}.{dataset}.{table}` ({columns})")
        self._tables[dataset, table] |= {"type": "VIEW" if "view" in body else "TABLE"} | body
        return self._tables[dataset, table]

    def _table(self, method: str, dataset: str, table: str, body: Any) -> Any:
        name, _, part = table.partition("$")
        if (dataset, name) not in self._tables:
            raise Refused(404, "notFound", f"Not found: Table trips:{dataset}.{name}")
        if method == "PATCH":
            self._tables[dataset, name] |= body
        if method == "DELETE" and part:
            self.partitions.remove(part)
            return {}
        if method == "DELETE":
            kind = self._tables.pop((dataset, name))["type"]
            self._database.execute(f'DROP {kind} "{dataset}"."{name}"')
            return {}
        return self._tables[dataset, name]

    def run(self, project: str, body: Any, content: bytes | None) -> Any:
        number = body.get("jobReference", {}).get("jobId") or f"job{next(self._numbers)}"
        now = str(int(datetime.now(UTC).timestamp() * 1000))
        job = {
            "id": f"{project}:EU.{number}",
            "jobReference": {"projectId": project, "jobId": number, "location": "EU"},
            "configuration": body["configuration"],
            "status": {"state": "DONE"},
            "statistics": {"creationTime": now, "startTime": now, "endTime": now},
        }
        self._jobs[number] = job
        try:
            self._work(project, number, job, content)
        except (Refused, duckdb.Error, sqlglot.errors.SqlglotError) as error:
            reason = error.reason if isinstance(error, Refused) else "invalidQuery"
            problem = {"reason": reason, "message": str(error)}
            job["status"] |= {"errorResult": problem, "errors": [problem]}
        return job

    def _work(self, project: str, number: str, job: Any, content: bytes | None) -> None:
        if self.failures:
            raise Refused(400, *self.failures.pop(0))
        wanted = job["configuration"]
        if "query" in wanted:
            given = wanted["query"]
            rows, target = self._sql(given["query"]), given.get("destinationTable")
            if target is not None:
                self._fill(target, given.get("writeDisposition", "WRITE_EMPTY"), "SELECT * FROM last_result")
            job["statistics"]["query"] = {"statementType": "SELECT", "totalBytesProcessed": "10"}
            given["destinationTable"] = target or {
                "projectId": project,
                "datasetId": "_hidden",
                "tableId": number,
            }
            self._results[number] = rows
        elif "load" in wanted:
            given = wanted["load"]
            files = [content] if content is not None else [_read(uri) for uri in given["sourceUris"]]
            with tempfile.TemporaryDirectory() as folder:
                for at, each in enumerate(files):
                    Path(folder, str(at)).write_bytes(each or b"")
                source = f"SELECT * FROM {_reader(given, folder)}"
                counted = self._fill(
                    given["destinationTable"], given.get("writeDisposition", "WRITE_APPEND"), source
                )
            job["statistics"]["load"] = {"outputRows": str(counted), "inputFiles": str(len(files))}
        elif "copy" in wanted:
            given = wanted["copy"]
            sources = given.get("sourceTables") or [given["sourceTable"]]
            names = [
                f'SELECT * FROM "{each["datasetId"]}"."{each["tableId"].partition("$")[0]}"'
                for each in sources
            ]
            self._fill(
                given["destinationTable"],
                given.get("writeDisposition", "WRITE_EMPTY"),
                " UNION ALL ".join(names),
            )
        else:
            self._extract(wanted["extract"])
            job["statistics"]["extract"] = {"destinationUriFileCounts": ["1"]}

    def _fill(self, target: Any, disposition: str, source: str) -> int:
        dataset, table = target["datasetId"], target["tableId"]
        is_there = (dataset, table) in self._tables
        if is_there and disposition == "WRITE_EMPTY":
            raise Refused(400, "duplicate", f"Already Exists: Table trips:{dataset}.{table}")
        place = f'"{dataset}"."{table}"'
        fresh = not is_there or disposition == "WRITE_TRUNCATE"
        words = f"CREATE OR REPLACE TABLE {place} AS {source}" if fresh else f"INSERT INTO {place} {source}"
        [(changed,)] = self._database.execute(words).fetchall()
        self._know(dataset, table)
        return int(changed)

    def _extract(self, given: Any) -> None:
        table = given["sourceTable"]
        with tempfile.TemporaryDirectory() as folder:
            self._database.execute(
                f'COPY "{table["datasetId"]}"."{table["tableId"]}" TO \'{folder}/out\' (FORMAT csv, HEADER true)'
            )
            _write(given["destinationUris"][0], Path(folder, "out").read_bytes())

    def _know(self, dataset: str, table: str) -> None:
        found = self._database.execute(f'DESCRIBE "{dataset}"."{table}"').fetchall()
        fields = [{"name": each[0], "type": _type(each[1]), "mode": "NULLABLE"} for each in found]
        old = self._tables.get((dataset, table), {})
        self._tables[dataset, table] = {
            "id": f"trips:{dataset}.{table}",
            "tableReference": {"projectId": "trips", "datasetId": dataset, "tableId": table},
            "type": "TABLE",
            "creationTime": "1700000000000",
            **old,
            "schema": {"fields": fields},
        }

    def _sql(self, text: str) -> tuple[list[dict[str, Any]], list[Any]]:
        """The columns and rows of the last statement."""
        if "INFORMATION_SCHEMA.PARTITIONS" in text:
            return [{"name": "partition_id", "type": "STRING"}], [(each,) for each in self.partitions]
        columns: list[dict[str, Any]] = []
        rows: list[Any] = []
        for tree in sqlglot.parse(text, read="bigquery"):
            if tree is None:
                continue
            words = _external(tree) or _translated(tree)
            found = self._database.execute(words)
            if isinstance(tree, exp.Query):
                columns = [{"name": each[0], "type": _type(str(each[1]))} for each in found.description or []]
                rows = found.fetchall()
                self._database.execute(f"CREATE OR REPLACE TEMP TABLE last_result AS {words}")
            target = tree.find(exp.Table) if isinstance(tree, exp.Create) else None
            if target is not None and tree.args.get("kind") != "SCHEMA":
                self._know(target.db, target.name)
        return columns, rows

    def _page(self, number: str, query: dict[str, list[str]]) -> Any:
        job = self._jobs[number]
        problem = job["status"].get("errorResult")
        if problem is not None:
            raise Refused(400, problem["reason"], problem["message"])
        columns, rows = self._results[number]
        start = int(query.get("pageToken", query.get("startIndex", ["0"]))[0])
        end = start + int(query.get("maxResults", ["1000000"])[0])
        page = [{"f": [{"v": _value(cell)} for cell in row]} for row in rows[start:end]]
        return {
            "jobReference": job["jobReference"],
            "jobComplete": True,
            "schema": {"fields": columns},
            "totalRows": str(len(rows)),
            "rows": page,
            **({"pageToken": str(end)} if end < len(rows) else {}),
        }


def _translated(tree: Any) -> str:
    def change(node: Any) -> Any:
        if isinstance(node, exp.Table):
            names = [part.name for part in node.parts]
            names = ".".join(names).split(".")[-2:]
            made = exp.table_(names[-1], db=names[0] if len(names) > 1 else None, quoted=True)
            made.set("alias", node.args.get("alias"))
            return made
        if isinstance(node, exp.ColumnDef):
            node.set("constraints", [])
        if isinstance(node, exp.Create):
            node.set("properties", None)
        if isinstance(node, exp.DataType) and node.this == exp.DataType.Type.TIMESTAMPTZ:
            # DuckDB would need an extension for zones. All times here are of UTC.
            return exp.DataType.build("TIMESTAMP")
        return node

    return str(tree.transform(change).sql(dialect="duckdb"))


def _external(tree: Any) -> str | None:
    """A table of files is read when it is made."""
    if not isinstance(tree, exp.Create) or tree.find(exp.ExternalProperty) is None:
        return None
    options = {
        each.this.name if isinstance(each.this, exp.Expression) else str(each.this): each.args["value"]
        for each in tree.find_all(exp.Property)
        if type(each) is exp.Property
    }
    [uri] = [each.name for each in options["uris"].expressions]
    columns = ", ".join(
        f"'{each.name}': '{_column_type(each.args['kind'])}'" for each in tree.find_all(exp.ColumnDef)
    )
    target = tree.find(exp.Table)
    assert target is not None
    names = ".".join(part.name for part in target.parts).split(".")[-2:]
    path = Path(tempfile.mkdtemp(), "file")
    path.write_bytes(_read(uri))
    return (
        f'CREATE OR REPLACE TABLE "{names[0]}"."{names[1]}" AS SELECT * FROM '
        f"read_csv('{path}', columns={{{columns}}}, header=false, skip={options['skip_leading_rows'].name})"
    )


def _column_type(kind: Any) -> str:
    return str(kind.sql(dialect="duckdb")).replace("TIMESTAMPTZ", "TIMESTAMP")


def _reader(given: Any, folder: str) -> str:
    kind = given["sourceFormat"]
    if kind not in _READERS:
        raise Refused(501, "notImplemented", f"{kind} is not here")
    more = ""
    if kind == "CSV":
        skipped = int(given.get("skipLeadingRows", 0))
        fields = given.get("schema", {}).get("fields")
        if fields:
            columns = ", ".join(
                f"'{each['name']}': '{_column_type(exp.DataType.build(each['type'], dialect='bigquery'))}'"
                for each in fields
            )
            more = f", columns={{{columns}}}, header=false, skip={skipped}"
        else:
            more = f", header={'true' if skipped else 'false'}"
        more += f", delim='{given.get('fieldDelimiter', ',')}'"
    return f"{_READERS[kind]}('{folder}/*'{more})"


def _type(name: str) -> str:
    return "NUMERIC" if name.startswith("DECIMAL") else _TYPES.get(name, "STRING")


def _value(cell: Any) -> Any:
    if cell is None or isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, bytes):
        return base64.b64encode(cell).decode()
    if isinstance(cell, datetime):
        return str(round(cell.replace(tzinfo=UTC).timestamp() * 1_000_000))
    if isinstance(cell, date | time):
        return cell.isoformat()
    return str(cell) if isinstance(cell, int | float | Decimal) else json.dumps(cell)


def _read(uri: str) -> bytes:
    bucket, _, name = uri.removeprefix("gs://").partition("/")
    host = os.environ["STORAGE_EMULATOR_HOST"]
    with urlopen(f"{host}/storage/v1/b/{bucket}/o/{quote(name, safe='')}?alt=media") as answer:
        return bytes(answer.read())


def _write(uri: str, content: bytes) -> None:
    bucket, _, name = uri.removeprefix("gs://").partition("/")
    host = os.environ["STORAGE_EMULATOR_HOST"]
    place = f"{host}/upload/storage/v1/b/{bucket}/o?uploadType=media&name={quote(name, safe='')}"
    with urlopen(Request(place, content, {"Content-Type": "text/csv"}, method="POST")):
        pass


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def _handle(self) -> None:
        at = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        warehouse = self.server.warehouse
        headers = {}
        try:
            with warehouse.lock:
                if at.path.startswith("/upload/"):
                    number = warehouse.upload(at.path.split("/")[5], json.loads(body))
                    headers["Location"] = f"http://{self.headers['Host']}/uploads/{number}"
                    status, answer = 200, {}
                elif at.path.startswith("/uploads/"):
                    status, answer = 200, warehouse.uploaded(at.path.rpartition("/")[2], body)
                else:
                    said = json.loads(body) if body else None
                    status, answer = 200, warehouse.answer(self.command, at.path, parse_qs(at.query), said)
        except Refused as refused:
            problem = {"reason": refused.reason, "message": str(refused)}
            status = refused.status
            answer = {"error": {"code": status, "message": str(refused), "errors": [problem]}}
        text = json.dumps(answer).encode()
        self.send_response(status)
        for name, value in {
            **headers,
            "Content-Type": "application/json",
            "Content-Length": len(text),
        }.items():
            self.send_header(name, str(value))
        self.end_headers()
        self.wfile.write(text)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _handle  # noqa: N815 - the names that the library calls

    def log_message(self, *args: object) -> None:
        """Nothing."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    warehouse: Warehouse


@contextmanager
def bigquery_server() -> Iterator[tuple[str, Warehouse]]:
    """Its address. It finds objects of Google Cloud Storage at ``STORAGE_EMULATOR_HOST``."""
    with _Server(("127.0.0.1", 0), _Handler) as server:
        server.warehouse = Warehouse()
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}", server.warehouse
        finally:
            server.shutdown()
            thread.join()
