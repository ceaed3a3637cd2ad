"""Rows of services that run something and are waited for."""

from __future__ import annotations

from tests.support.http_server import Give
from tests.unit.toccata.plugins.families.rest.table import BEARER, Asked, Row, basic, ok
from toccata.plugins.families.rest import airbyte, airflow, dbt_cloud, fivetran, hightouch

SOON = {"pollFrequency": "PT0.01S"}
_CONNECTION = "e3b1ce92-547c-436f-b1e8-23b6936c12cd"
_RUN = "/api/v2/accounts/12345/runs"
_RELATED = "include_related=%5B%22trigger%22%2C%22job%22%2C%22run_steps%22%2C%22environment%22%5D"
_ARTIFACTS = [ok(b'{"results": []}'), Give(404, b"{}")]


def _job(status: str) -> Give:
    return ok({"job": {"id": 970, "status": status}, "attempts": []})


def _dbt(status: int) -> Give:
    return ok({"data": {"id": 98765, "status": status, "status_humanized": "Success", "run_steps": []}})


def _ended(run_id: str) -> list[Asked]:
    return [
        Asked("GET", f"{_RUN}/{run_id}/?{_RELATED}", None, BEARER),
        Asked("GET", f"{_RUN}/{run_id}/?{_RELATED}", None, BEARER),
        Asked("GET", f"{_RUN}/{run_id}/artifacts/run_results.json", None, BEARER),
        Asked("GET", f"{_RUN}/{run_id}/artifacts/manifest.json", None, BEARER),
    ]


def _connector(succeeded: str) -> Give:
    return ok({"code": "Success", "data": {"succeeded_at": succeeded, "failed_at": "2026-01-01T00:00:00.5Z"}})


_CLOUD_BODY = {"connectionId": _CONNECTION}
_FIVETRAN = {**basic("my_key"), "accept": "application/json;version=2"}
ROWS = [
    Row(
        airbyte.SYNC, "https://airbyte.example.com",
        [
            Asked("POST", "/api/v1/connections/sync/", {"connectionId": _CONNECTION}, BEARER),
            Asked("POST", "/api/v1/jobs/get/", {"id": 970}, BEARER),
            Asked("POST", "/api/v1/jobs/get/", {"id": 970}, BEARER),
        ],
        [_job("pending"), _job("running"), _job("succeeded")],
        {"jobId": 970, "alreadyRunning": False}, SOON,
    ),
    Row(
        airbyte.CHECK_STATUS, "https://airbyte.example.com",
        [Asked("POST", "/api/v1/jobs/get/", {"id": 970}, BEARER)],
        [_job("succeeded")], {"finalJobStatus": "succeeded"},
    ),
    Row(
        airbyte.CLOUD_SYNC, "https://api.airbyte.com/v1",
        [
            Asked("POST", "/jobs", {**_CLOUD_BODY, "jobType": "sync"}, BEARER),
            Asked("GET", "/jobs/7", None, BEARER),
            Asked("GET", "/jobs/7", None, BEARER),
        ],
        [ok({"jobId": 7, "status": "pending"}), ok({"jobId": 7, "status": "running"}), ok({"jobId": 7, "status": "succeeded"})],
        {"job": {"jobId": 7, "status": "succeeded"}}, SOON,
    ),
    Row(
        airbyte.CLOUD_RESET, "https://api.airbyte.com/v1",
        [Asked("POST", "/jobs", {**_CLOUD_BODY, "jobType": "reset"}, BEARER)],
        [ok({"jobId": 7, "status": "pending"})],
        {"job": {"jobId": 7, "status": "pending"}}, {"wait": False},
    ),
    Row(
        fivetran.SYNC, "https://api.fivetran.com",
        [
            Asked("GET", "/v1/connectors/speak_menial", None, _FIVETRAN),
            Asked("POST", "/v1/connectors/speak_menial/sync", {"force": False}, _FIVETRAN),
            Asked("GET", "/v1/connectors/speak_menial", None, _FIVETRAN),
            Asked("GET", "/v1/connectors/speak_menial", None, _FIVETRAN),
        ],
        [_connector("2026-01-02T00:00:00Z"), ok({"code": "Success", "message": "started"}),
         _connector("2026-01-02T00:00:00Z"), _connector("2026-01-02T00:10:00Z")],
        {}, SOON,
    ),
    Row(
        dbt_cloud.TRIGGER_RUN, "https://cloud.getdbt.com",
        [Asked("POST", "/api/v2/accounts/12345/jobs/67890/run/",
               {"cause": "Triggered by Kestra.", "git_branch": "main", "generate_docs_override": False, "steps_override": ["dbt run"]}, BEARER),
         *_ended("98765")],
        [_dbt(1), _dbt(3), _dbt(10), *_ARTIFACTS],
        {"runId": 98765, "runResults": "kestra://"},
        {**SOON, "gitBranch": "main", "generateDocsOverride": False, "stepsOverride": ["dbt run"]},
    ),
    Row(
        dbt_cloud.CHECK_STATUS, "https://cloud.getdbt.com",
        _ended("98765"), [_dbt(3), _dbt(10), *_ARTIFACTS], {"runResults": "kestra://"}, SOON,
    ),
    Row(
        hightouch.SYNC, "https://api.hightouch.com",
        [
            Asked("POST", "/api/v1/syncs/1127166/trigger", {"fullResync": False}, BEARER),
            Asked("GET", "/api/v1/syncs/1127166/runs?runId=5", None, BEARER),
        ],
        [ok({"id": 5}), ok({"data": [{"id": 5, "status": "success", "successfulRows": {"addedCount": 2}}]})],
        {"runId": 5, "metadata": {"id": 5, "status": "success", "successfulRows": {"addedCount": 2}}},
    ),
    Row(
        airflow.TRIGGER_DAG_RUN, "https://airflow.example.com",
        [
            Asked("POST", "/api/v1/dags/load_orders/dagRuns", {"conf": {"day": "2026-01-01"}}, BEARER),
            Asked("GET", "/api/v1/dags/load_orders/dagRuns/manual__1%2B00%3A00", None, BEARER),
        ],
        [ok({"dag_run_id": "manual__1+00:00", "state": "queued"}),
         ok({"dag_run_id": "manual__1+00:00", "state": "failed", "start_date": "2026-01-01T00:00:00Z", "end_date": "2026-01-01T00:01:00Z"})],
        {"dagId": "load_orders", "dagRunId": "manual__1+00:00", "state": "failed", "started": "2026-01-01T00:00:00Z",
         "ended": "2026-01-01T00:01:00Z"},
    ),
]  # fmt: skip
