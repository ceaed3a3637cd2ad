"""Rows of Elasticsearch and OpenSearch."""

from __future__ import annotations

from tests.unit.toccata.plugins.families.rest.table import Asked, Row, basic, ok
from toccata.plugin import TaskType
from toccata.plugins.families.rest import search

HOST, SIGNED_IN = "https://search.example.com:9200", basic("reports")
QUERY = {"query": {"term": {"customer": "Ada"}}}
ADA, BEN = {"customer": "Ada"}, {"customer": "Ben"}


def _hits(*documents: dict[str, str], **more: str) -> object:
    hits = {"total": {"value": 12, "relation": "eq"}, "hits": [{"_source": each} for each in documents]}
    return {"took": 3, "hits": hits, **more}


def _both(elastic: TaskType, opened: TaskType, *rest: object, **more: object) -> list[Row]:
    return [Row(each, HOST, *rest, **more) for each in (elastic, opened)]  # type: ignore[arg-type]


ROWS = [
    *_both(search.ELASTIC_SEARCH, search.OPEN_SEARCH,
           [Asked("POST", "/orders/_search?routing=eu", QUERY, SIGNED_IN)], [ok(_hits(ADA, BEN))],
           {"rows": [ADA, BEN], "size": 2, "total": 12}, {"routing": "eu"}),
    *_both(search.ELASTIC_SCROLL, search.OPEN_SCROLL,
           [Asked("POST", "/orders/_search?scroll=60s", QUERY, SIGNED_IN),
            Asked("POST", "/_search/scroll", {"scroll": "60s", "scroll_id": "s1"}, SIGNED_IN),
            Asked("POST", "/_search/scroll", {"scroll": "60s", "scroll_id": "s2"}, SIGNED_IN),
            Asked("DELETE", "/_search/scroll", {"scroll_id": "s2"}, SIGNED_IN)],
           [ok(_hits(ADA, _scroll_id="s1")), ok(_hits(BEN, _scroll_id="s2")), ok(_hits(_scroll_id="s2")), ok({})],
           {"uri": "kestra://", "size": 2}),
    *_both(search.ELASTIC_GET, search.OPEN_GET, [Asked("GET", "/orders/_doc/order-1?version=3", None, SIGNED_IN)],
           [ok({"found": True, "_source": ADA})], {"row": ADA}, {"docVersion": 3}),
    *_both(search.ELASTIC_PUT, search.OPEN_PUT,
           [Asked("PUT", "/orders/_doc/order-1?op_type=create&refresh=wait_for", ADA, SIGNED_IN)],
           [ok({"_id": "order-1", "result": "created", "_version": 1}, 201)],
           {"id": "order-1", "result": "Created", "version": 1}, {"refreshPolicy": "WAIT_UNTIL", "opType": "CREATE"}),
    *_both(search.ELASTIC_REQUEST, search.OPEN_REQUEST, [Asked("GET", "/orders/_count?q=Ada", None, SIGNED_IN)],
           [ok({"count": 2})], {"status": 200, "response": {"count": 2}}),
    Row(search.ELASTIC_ESQL, HOST,
        [Asked("POST", "/_query", {"query": "FROM orders | LIMIT 5", "columnar": False, "params": ["x"], "filter": QUERY["query"]}, SIGNED_IN)],
        [ok({"columns": [{"name": "customer"}, {"name": "amount"}], "values": [["Ada", 3], ["Ben", None]]})],
        {"rows": [{"customer": "Ada", "amount": 3}, {"customer": "Ben", "amount": None}], "size": 2, "total": 2},
        {"params": ["x"], "filter": '{"term": {"customer": "Ada"}}'}),
    Row(search.OPEN_PPL, HOST,
        [Asked("POST", "/_plugins/_ppl?format=jdbc", {"query": "source=orders | head 5", "fetch_size": 2}, SIGNED_IN)],
        [ok({"schema": [{"name": "customer"}], "datarows": [["Ada"], ["Ben"]], "total": 2, "size": 2})],
        {"rows": [ADA, BEN], "size": 2, "total": 2}, {"fetchSize": 2}),
]  # fmt: skip
