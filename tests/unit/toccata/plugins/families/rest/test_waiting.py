"""Syncs and runs that fail, take too long, or run already."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.support.attempt import Bench
from tests.support.http_server import Give, Got, always, http_server
from tests.unit.toccata.plugins.families.notifications.support import VARIABLES, a_bench
from toccata.plugin import TaskType
from toccata.plugins.families.rest import airbyte, airflow, apify, dbt_cloud, fivetran, hightouch

SOON = {"pollFrequency": "PT0.01S"}


async def ended(
    bench: Bench, task_type: TaskType, written: dict[str, Any], *answers: Give
) -> tuple[Any, list[Got]]:
    left = iter(answers)
    async with http_server(lambda _: next(left, answers[-1])) as server:
        places: dict[str, Any] = {
            name: server.url for name in ("url", "baseUrl", "endpoint") if name in aliases(task_type)
        }
        return await bench.run(task_type, {**places, **written}, variables=VARIABLES), server.got


def aliases(task_type: TaskType) -> set[str]:
    return {field.alias or name for name, field in task_type.properties.model_fields.items()}


def job(status: str, *attempts: Any) -> Give:
    return Give(200, {"job": {"id": 7, "status": status}, "attempts": list(attempts)})


async def test_airbyte_logs_what_an_attempt_says_once_and_fails_with_the_job(tmp_path: Path) -> None:
    bench = a_bench(tmp_path)
    lines = ["2026 INFO one", "2026 ERROR two"]
    first = {"attempt": {}, "logs": {"logLines": lines[:1]}}
    second = {"attempt": {"failureSummary": {"failures": []}}, "logs": {"logLines": lines}}
    failed, _ = await ended(
        bench, airbyte.SYNC, {"connectionId": "c", **SOON}, job("pending"), job("running", first), job("failed", second)
    )  # fmt: skip
    assert failed.message == "job 7 ended as `failed` after 1 attempt(s)"
    assert [each for each in bench.messages if "2026" in each[1]] == [("INFO", lines[0]), ("ERROR", lines[1])]


async def test_airbyte_measures_its_streams(tmp_path: Path) -> None:
    bench = a_bench(tmp_path)
    stats = [{"streamName": "orders", "stats": {"recordsCommitted": 12, "bytesEmitted": 340}}]
    done, _ = await ended(
        bench, airbyte.CHECK_STATUS, {"jobId": "7"}, job("succeeded", {"attempt": {"streamStats": stats}})
    )
    assert done.outcome == "succeeded", done.message
    found = {(point.name, point.value) for point in bench.points}
    assert found == {("attempts.count", 1.0), ("records.committed", 12.0), ("bytes.emitted", 340.0)}
    wrong, got = await ended(a_bench(tmp_path), airbyte.CHECK_STATUS, {"jobId": "seven"}, job("succeeded"))
    assert (wrong.message, got) == ("jobId: `seven` is no number", [])


async def test_a_sync_that_runs_already_fails_or_is_an_output(tmp_path: Path) -> None:
    busy = Give(409, b"A sync is already running for: c")
    failed, _ = await ended(a_bench(tmp_path), airbyte.SYNC, {"connectionId": "c"}, busy)
    assert "A sync is already running" in failed.message
    done, _ = await ended(
        a_bench(tmp_path), airbyte.SYNC, {"connectionId": "c", "failOnActiveSync": False}, busy
    )
    assert (done.outcome, done.outputs) == ("succeeded", {"alreadyRunning": True})


async def test_airbyte_gives_a_token_to_an_application(tmp_path: Path) -> None:
    written = {
        "connectionId": "c",
        "wait": False,
        "applicationCredentials": {"clientId": "i", "clientSecret": "s"},
    }
    done, got = await ended(
        a_bench(tmp_path), airbyte.SYNC, written, Give(200, {"access_token": "t"}), job("pending")
    )
    assert done.outputs == {"jobId": 7, "alreadyRunning": False}
    assert got[0].json() == {"client_id": "i", "client_secret": "s", "grant-type": "client_credentials"}
    assert "authorization" not in got[0].headers
    assert got[1].headers["authorization"] == "Bearer t"


async def test_a_job_of_the_cloud_that_fails_keeps_what_is_known(tmp_path: Path) -> None:
    failed, _ = await ended(
        a_bench(tmp_path), airbyte.CLOUD_SYNC, {"connectionId": "c", "token": "t", **SOON},
        Give(200, {"jobId": 7, "status": "pending"}), Give(200, {"jobId": 7, "status": "failed"}),
    )  # fmt: skip
    assert (failed.message, failed.outputs["job"]["status"]) == ("job 7 ended as `failed`", "failed")
    refused, _ = await ended(a_bench(tmp_path), airbyte.CLOUD_SYNC, {"connectionId": "c"}, Give(200, {}))
    assert "`token`, `clientId` with `clientSecret`" in refused.message


async def test_what_takes_too_long_fails(tmp_path: Path) -> None:
    written = {"connectionId": "c", "maxDuration": "PT0.05S", **SOON}
    failed, _ = await ended(a_bench(tmp_path), airbyte.SYNC, written, job("running"))
    assert failed.message == "it had not ended after 0.05 s (`maxDuration`)"


async def test_fivetran_fails_with_the_sync(tmp_path: Path) -> None:
    before = {"data": {"succeeded_at": "2026-01-01T00:00:00Z", "failed_at": None}}
    after = {"data": {"succeeded_at": "2026-01-01T00:00:00Z", "failed_at": "2026-01-02T00:00:00Z",
                      "status": {"tasks": [{"code": "reconnect", "message": "Sign in again"}]}}}  # fmt: skip
    written = {"apiKey": "k", "apiSecret": "s", "connectorId": "c", **SOON}
    failed, got = await ended(
        a_bench(tmp_path), fivetran.SYNC, written, Give(200, before), Give(200, {}), Give(200, after)
    )
    assert failed.message == "the sync of connector `c` failed: Sign in again"
    assert len(got) == 3


async def test_dbt_logs_each_step_once_and_keeps_results_of_a_run_that_failed(tmp_path: Path) -> None:
    def run(status: int, logs: str) -> Give:
        steps = [{"id": 1, "name": "dbt run", "logs": logs}]
        said = {"status_humanized": "Error", "duration_humanized": "2 minutes", "status_message": "no table"}
        return Give(200, {"data": {"id": 5, "status": status, "run_steps": steps, **said}})

    bench = a_bench(tmp_path)
    written = {"accountId": "1", "token": "t", "runId": "5", **SOON}
    results = Give(200, b'{"results": [1]}')
    failed, _ = await ended(
        bench, dbt_cloud.CHECK_STATUS, written, run(3, "one\n"), run(20, "one\ntwo\n"), results, Give(404)
    )
    assert failed.message == "run 5 ended as `Error` after 2 minutes: no table"
    assert await bench.storage.get(failed.outputs["runResults"]) == b'{"results": [1]}'
    assert [line for _, line in bench.messages if "Step" in line] == [
        "[Step dbt run]: one",
        "[Step dbt run]: two",
    ]


async def test_hightouch_fails_with_the_run(tmp_path: Path) -> None:
    failed, _ = await ended(
        a_bench(tmp_path), hightouch.SYNC, {"token": "t", "syncId": 1}, Give(200, {"id": 5}),
        Give(200, {"data": [{"id": 5, "status": "failed", "error": "no column"}]}),
    )  # fmt: skip
    assert failed.message == "run 5 ended as `failed`: no column"


async def test_airflow_gets_to_know_who_starts_it(tmp_path: Path) -> None:
    async with http_server(always(Give(200, {"dag_run_id": "r", "state": "queued"}))) as server:
        bench = a_bench(tmp_path)
        variables = {**VARIABLES, "task": {"id": "start", "type": airflow.TRIGGER_DAG_RUN.name}}
        done = await bench.run(
            airflow.TRIGGER_DAG_RUN, {"baseUrl": server.url, "dagId": "d"}, variables=variables
        )
    assert done.outputs == {"dagId": "d", "dagRunId": "r", "state": "queued"}
    conf = {
        "source": "kestra",
        "namespace": "company.team",
        "flow": "load",
        "task": "start",
        "execution": "e1",
    }
    assert server.got[0].json() == {"conf": conf}


async def test_a_dataset_that_stays_empty_fails(tmp_path: Path) -> None:
    written = {
        "apiToken": "t",
        "datasetId": "d",
        "DEFAULT_TIMEOUT_DURATION": "PT0.05S",
        "DEFAULT_MAX_INTERVAL_DURATION": "PT0.01S",
    }
    failed, got = await ended(a_bench(tmp_path), apify.GET, written, Give(200, []))
    assert failed.message == "dataset `d` is still empty"
    assert len(got) > 1
