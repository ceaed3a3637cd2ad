"""Rows of Apify and Jenkins."""

from __future__ import annotations

from tests.unit.toccata.plugins.families.rest.table import BEARER, Asked, Row, basic, ok
from toccata.plugins.families.rest import apify, jenkins

_APIFY, _JENKINS = "https://api.apify.com/v2", "https://jenkins.example.com"
_RUN = {"id": "r1", "status": "SUCCEEDED", "defaultDatasetId": "d1"}
_SET = "/datasets/mecGriFjtDHRNtYOZ"
_IN = {**BEARER, "x-apify-integration-platform": "kestra"}

ROWS = [
    Row(apify.RUN_ACTOR, _APIFY,
        [Asked("POST", "/acts/apify~web-scraper/runs?memory=512&maxItems=10&waitForFinish=60", {"url": "https://example.com"}, _IN)],
        [ok({"data": {**_RUN, "unknown": 1}}, 201)], _RUN),
    Row(apify.RUN_TASK, _APIFY, [Asked("POST", "/actor-tasks/acme~prices/runs?webhooks=W10%3D", None, _IN)], [ok({"data": _RUN}, 201)], _RUN,
        {"webhooks": "W10="}),
    Row(apify.LAST_RUN, _APIFY, [Asked("GET", "/acts/apify~web-scraper/runs/last", None, _IN)], [ok({"data": _RUN})], _RUN),
    Row(apify.GET, _APIFY,
        [Asked("GET", f"{_SET}/items?offset=0&limit=1000&fields=url%2Cprice&clean=1&desc=1&skipEmpty=1&format=json", None, _IN)] * 2,
        [ok([]), ok([{"url": "a"}])], {"dataset": [{"url": "a"}]}, {"DEFAULT_MAX_INTERVAL_DURATION": "PT0.01S"}),
    Row(apify.SAVE, _APIFY,
        [Asked("GET", _SET, None, _IN),
         Asked("GET", f"{_SET}/items?offset=0&limit=1000&clean=1&skipEmpty=1&delimiter=%2C&format=csv", None, _IN)],
        [ok({"data": {"itemCount": 2}}), ok(b"url\na\nb\n")], {"path": "kestra://"}),
    Row(jenkins.BUILD, _JENKINS, [Asked("POST", "/job/team/job/deploy/buildWithParameters", b"branch=main", basic("reports"))],
        [ok(b"", 201)], {"status": 201}),
    Row(jenkins.INFO, _JENKINS, [Asked("GET", "/job/team/job/deploy/7/api/json", None, basic("reports"))],
        [ok({"result": "SUCCESS"})], {"info": {"result": "SUCCESS"}}),
]  # fmt: skip
