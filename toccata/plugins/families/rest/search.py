"""Elasticsearch and OpenSearch: documents and queries."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator

from toccata.plugin import FetchType, HttpOptions, Properties, Secret, TaskType, dynamic
from toccata.plugins.families.rest import search_task as run
from toccata.plugins.families.rest.api import Do, Service, declared


def _upper(value: object) -> object:
    return value.upper() if isinstance(value, str) else value


Operation = Annotated[Literal["INDEX", "CREATE", "UPDATE", "DELETE"], BeforeValidator(_upper)]
_TEXTS = "a text is read as JSON"


class BasicAuth(Properties):
    """Who signs in."""

    username: str = dynamic(doc="who")
    password: Secret = dynamic(doc="their password")


class Connection(Properties):
    """Where the cluster is."""

    hosts: list[str] = dynamic(doc="addresses of nodes; the first one is used", min_length=1)
    basic_auth: BasicAuth | None = dynamic(None, doc="signs in with a password")
    headers: list[str] | None = dynamic(None, doc="headers of each request: `Authorization: ApiKey …`")
    path_prefix: str | None = dynamic(None, doc="what stands before every path")
    strict_deprecation_mode: bool = dynamic(default=False, doc="an answer with a warning fails the task")
    trust_all_ssl: bool = dynamic(default=False, doc="accept any certificate")
    target_server_version: int | None = dynamic(
        None, ignored="requests are plain JSON, which all versions take"
    )


class Searches(Properties):
    connection: Connection = dynamic(doc="where the cluster is")
    routing: str | None = dynamic(None, doc="which shard")

    @property
    def options(self) -> HttpOptions:
        trusting = {"insecureTrustAllCertificates": self.connection.trust_all_ssl}
        return HttpOptions.model_validate({"ssl": trusting})


class Indexed(Searches):
    indexes: list[str] | None = dynamic(None, doc="which indexes; default: all")
    request: Any = dynamic(doc="the query: a map, or JSON text")
    content_type: str | None = dynamic(None, ignored=_TEXTS)


class Search(Indexed):
    """Finds documents. The service gives ten of them, unless the request has `size`."""

    fetch_type: FetchType = dynamic("FETCH", doc="where they go: outputs, a file, or nowhere")


class FoundOutputs(BaseModel):
    size: int | None
    """How many documents are given."""
    total: int | None
    """How many there are."""
    rows: list[dict[str, Any]] | None
    """The documents, with FETCH."""
    row: dict[str, Any] | None
    """The first one, with FETCH_ONE."""
    uri: str | None
    """A file with a document a line, with STORE."""


class Scroll(Indexed):
    """Finds all documents that fit, and puts them into a file."""


class FileOutputs(BaseModel):
    size: int
    """How many documents there are."""
    uri: str
    """A file with a document a line."""


class Get(Searches):
    """Gives a document."""

    index: str = dynamic(doc="the index")
    key: str = dynamic(doc="id of the document")
    doc_version: int | None = dynamic(None, doc="fail if it has another version")
    error_on_missing: bool = dynamic(default=False, doc="fail if there is no such document")


class GetOutputs(BaseModel):
    row: dict[str, Any] | None
    """The document."""


class Put(Searches):
    """Writes a document."""

    index: str = dynamic(doc="the index")
    key: str | None = dynamic(None, doc="its id; default: a new one")
    op_type: Annotated[Literal["INDEX", "CREATE"], BeforeValidator(_upper)] | None = dynamic(
        None, doc="CREATE: fail if there is one"
    )
    value: Any = dynamic(doc="the document: a map, or JSON text")
    refresh_policy: Annotated[Literal["IMMEDIATE", "WAIT_UNTIL", "NONE"], BeforeValidator(_upper)] = dynamic(
        "NONE", doc="when searches find it: at once, before the task ends, or some time"
    )
    content_type: str | None = dynamic(None, ignored=_TEXTS)


class PutOutputs(BaseModel):
    id: str
    """Of the document."""
    result: str
    """`Created`, `Updated` or `NoOp`."""
    version: int
    """Of the document."""


class Bulk(Searches):
    """Carries out the operations of a file, in the form of the bulk interface: a line that says what, and a line with the document."""

    from_: str = dynamic(doc="the file", alias="from")
    chunk: int = dynamic(1000, doc="operations of one request", ge=1)


class Load(Bulk):
    """Writes rows of a file as documents."""

    index: str = dynamic(doc="the index")
    op_type: Operation | None = dynamic(None, doc="what is done with them; default: INDEX")
    id_key: str | None = dynamic(None, doc="column with the document's id")
    remove_id_key: bool = dynamic(default=True, doc="leave that column out of the document")


class SizeOutputs(BaseModel):
    size: int
    """How many operations were carried out."""


class Request(Searches):
    """Sends any request to the cluster."""

    method: Annotated[
        Literal["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"], BeforeValidator(_upper)
    ] = dynamic("GET", doc="the method")
    endpoint: str = dynamic(doc="the path: `orders/_count`")
    parameters: dict[str, str] | None = dynamic(None, doc="parameters of the query")
    body: Any = dynamic(None, doc="the body: a value, or JSON text")


class AnswerOutputs(BaseModel):
    status: int
    """Of the answer."""
    response: Any
    """The answer: a value, or a text that is no JSON."""


class Esql(Searches):
    """Queries with ES|QL."""

    query: str = dynamic(doc="the query")
    filter: Any = dynamic(None, doc="a query that says which documents are looked at: a map, or JSON text")
    params: list[str] | None = dynamic(None, doc="values for each `?` in the query")
    fetch_type: FetchType = dynamic("FETCH", doc="where the rows go: outputs, a file, or nowhere")
    columnar: bool = dynamic(default=False, ignored="rows are given in any case")
    async_: bool = dynamic(default=False, ignored="the task waits in any case", alias="async")


class Ppl(Searches):
    """Queries with PPL."""

    query: str = dynamic(doc="the query")
    fetch_size: int | None = dynamic(None, doc="how many rows at most", ge=1)
    format: Annotated[Literal["JDBC", "CSV", "RAW"], BeforeValidator(_upper)] = dynamic(
        "JDBC", doc="JDBC gives rows, the others a text"
    )
    fetch_type: FetchType = dynamic("FETCH", doc="where the rows go: outputs, a file, or nowhere")


class PplOutputs(FoundOutputs):
    text: str | None
    """The answer, with CSV and RAW."""


def _service(prefix: str) -> Service:
    return Service(prefix=prefix, address=run.address, sign_in=run.sign_in)


def _types(service: Service) -> Mapping[str, TaskType]:
    """What both have."""
    head = (
        "connection:\n  hosts: [https://search.example.com:9200]\n  basicAuth:\n    username: reports\n"
        "    password: \"{{ secret('SEARCH') }}\"\n"
    )
    query = "indexes: [orders]\nrequest:\n  query:\n    term:\n      customer: Ada\n"
    file = 'from: "{{ outputs.export.uri }}"\n'
    table: tuple[tuple[type[Searches], str, Do, type[BaseModel], str], ...] = (
        (Search, "Find documents", run.search, FoundOutputs, query),
        (Scroll, "Find all documents", run.scroll, FileOutputs, query),
        (Get, "Get a document", run.get, GetOutputs, "index: orders\nkey: order-1\n"),
        (Put, "Write a document", run.put, PutOutputs, "index: orders\nkey: order-1\nvalue:\n  customer: Ada\n"),
        (Bulk, "Carry out many operations", run.bulk, SizeOutputs, file),
        (Load, "Write many documents", run.load, SizeOutputs, f"{file}index: orders\nidKey: id\n"),
        (Request, "Send a request", run.request, AnswerOutputs, "endpoint: orders/_count\nparameters:\n  q: Ada\n"),
        (Esql, "Query with ES|QL", run.esql, FoundOutputs, "query: FROM orders | LIMIT 5\n"),
        (Ppl, "Query with PPL", run.ppl, PplOutputs, "query: source=orders | head 5\n"),
    )  # fmt: skip
    return {
        kind.__name__: declared(service, kind.__name__, title, kind, do, outputs, head + example)
        for kind, title, do, outputs, example in table
    }


_elastic, _open = _types(_service("elasticsearch")), _types(_service("opensearch"))
ELASTIC_BULK, ELASTIC_ESQL, ELASTIC_GET = (_elastic[name] for name in ("Bulk", "Esql", "Get"))
ELASTIC_LOAD, ELASTIC_PUT, ELASTIC_REQUEST = (_elastic[name] for name in ("Load", "Put", "Request"))
ELASTIC_SCROLL, ELASTIC_SEARCH = _elastic["Scroll"], _elastic["Search"]
OPEN_BULK, OPEN_GET, OPEN_LOAD = (_open[name] for name in ("Bulk", "Get", "Load"))
OPEN_PPL, OPEN_PUT, OPEN_REQUEST = (_open[name] for name in ("Ppl", "Put", "Request"))
OPEN_SCROLL, OPEN_SEARCH = _open["Scroll"], _open["Search"]
