"""What the types run: properties to a job, the job's answer to outputs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from toccata.plugin import Outputs, RunContext, TaskFailed, fetched
from toccata.plugins.families.jdbc.postgresql import CopyIn, CopyOut
from toccata.plugins.families.jdbc.properties import Connected, Inserted, ManyStatements, Queried
from toccata.plugins.families.jdbc.run.driver import driver_of
from toccata.plugins.families.jdbc.run.failure import SqlFailed
from toccata.plugins.families.jdbc.run.files import (
    INPUT_FILE,
    OWN_DATABASE,
    fetched_as,
    inside,
    keep_outputs,
    kept,
    write_inputs,
)
from toccata.plugins.families.jdbc.run.host import done, stored_path
from toccata.plugins.families.jdbc.run.job import Batch, Copy, Fetched, Job, Login, Statements, Work
from toccata.plugins.families.jdbc.run.statement import copy_in_sql, copy_out_sql

_LONGEST_LOGGED = 2000


async def query(task: Queried, run: RunContext) -> Outputs:
    return await _one(task, run, {})


async def queries(task: ManyStatements, run: RunContext) -> Outputs:
    return await _many(task, run, {})


async def file_query(task: Queried, run: RunContext) -> Outputs:
    options = await _opened(task, run)
    return {**await _one(task, run, options), **await _file_outputs(task, run, options)}


async def file_queries(task: ManyStatements, run: RunContext) -> Outputs:
    options = await _opened(task, run)
    return {**await _many(task, run, options), **await _file_outputs(task, run, options)}


async def loading_query(task: Queried, run: RunContext) -> Outputs:
    return await _one(task, run, await _input_file(task, run))


async def loading_queries(task: ManyStatements, run: RunContext) -> Outputs:
    return await _many(task, run, await _input_file(task, run))


async def insert(task: Inserted, run: RunContext) -> Outputs:
    if task.sql is None and task.table is None:
        raise TaskFailed("one of `sql` and `table` is needed")
    source = await fetched(run, task.from_)
    work = Batch(
        source=str(source),
        sql=task.sql,
        table=task.table,
        columns=task.columns,
        chunk=task.chunk,
        retries=task.max_retries if task.retry_scope == "ALL" else 0,
        backoff=task.retry_backoff.total_seconds(),
        resume=task.resume_on_retry,
    )
    answer = await done(Job(login=await _login(task, run, {}), work=work), run)
    run.metric("counter", "records", answer.rows)
    run.metric("counter", "updated", answer.updated)
    return {"rowCount": answer.rows, "updatedCount": answer.updated}


async def copy_in(task: CopyIn, run: RunContext) -> Outputs:
    source = await fetched(run, task.from_)
    work = Copy(sql=copy_in_sql(task), source=str(source))
    return {"rowCount": await _copied(task, run, work)}


async def copy_out(task: CopyOut, run: RunContext) -> Outputs:
    target = await run.directory() / f"copied.{ {'CSV': 'csv', 'BINARY': 'bin'}.get(task.format, 'txt') }"
    count = await _copied(task, run, Copy(sql=copy_out_sql(task), target=str(target)))
    return {"uri": await kept(run, target), "rowCount": count}


async def _copied(task: Connected, run: RunContext, work: Copy) -> int:
    run.log("DEBUG", work.sql)
    answer = await done(Job(login=await _login(task, run, {}), work=work), run)
    run.metric("counter", "rows", answer.rows)
    return answer.rows


async def _one(task: Queried, run: RunContext, options: Mapping[str, Any]) -> Outputs:
    results = await _results(task, run, _statements(task, many=False), options)
    return results[-1] if results else {}


async def _many(task: ManyStatements, run: RunContext, options: Mapping[str, Any]) -> Outputs:
    return {"outputs": await _results(task, run, _statements(task, many=True), options)}


def _statements(task: Queried, *, many: bool) -> Statements:
    return Statements(
        sql=task.sql,
        many=many,
        after=task.after_sql,
        fetch=task.fetching,
        fetch_size=task.fetch_size,
        parameters=task.parameters,
        transaction=task.transaction if isinstance(task, ManyStatements) else True,
    )


async def _results(
    task: Queried, run: RunContext, work: Work, options: Mapping[str, Any]
) -> Sequence[dict[str, Any]]:
    run.log("DEBUG", task.sql if len(task.sql) <= _LONGEST_LOGGED else task.sql[:_LONGEST_LOGGED] + " …")
    answer = await done(Job(login=await _login(task, run, options), work=work), run)
    tags = {name: str(task.fetching == name.upper()).lower() for name in ("fetch", "store")}
    for each in answer.fetched:
        if each.size is not None:
            run.metric("counter", "fetch.size", each.size, tags)
    return [await _outputs(each, run) for each in answer.fetched]


async def _outputs(fetched_rows: Fetched, run: RunContext) -> dict[str, Any]:
    uri = None
    if fetched_rows.path is not None:
        uri = await kept(run, stored_path(await run.directory(), fetched_rows.path))
    values = {"row": fetched_rows.row, "rows": fetched_rows.rows, "uri": uri, "size": fetched_rows.size}
    return {name: value for name, value in values.items() if value is not None}


async def _login(task: Connected, run: RunContext, options: Mapping[str, Any]) -> Login:
    own = {name: _plain(getattr(task, name)) for name in task.login_options}
    return Login(
        database=task.database,
        url=task.url,
        user=task.username,
        password=_plain(task.password),
        zone=task.time_zone_id,
        options={**{name: value for name, value in own.items() if value is not None}, **options},
        directory=str(await run.directory()),
    )


def _plain(value: Any) -> Any:
    return value.get_secret_value() if isinstance(value, SecretStr) else value


async def _opened(task: Any, run: RunContext) -> dict[str, Any]:
    """Write the input files and the database; the option ``file`` names it."""
    directory = await run.directory()
    try:
        given = driver_of(task.database).address(await _login(task, run, {})).database
    except SqlFailed as failure:
        raise TaskFailed(str(failure)) from None
    stored = getattr(task, "database_uri", None) or getattr(task, "sqlite_file", None)
    await write_inputs(run, getattr(task, "input_files", None) or {})
    for name in task.output_files:
        inside(directory, name).parent.mkdir(parents=True, exist_ok=True)
    if stored:
        return {"file": str(await fetched_as(run, stored, directory / OWN_DATABASE))}
    return {"file": database_file(given, directory)}


async def _input_file(task: Any, run: RunContext) -> dict[str, Any]:
    """The option ``input_file`` names the one file that the SQL may load."""
    if task.input_file is None:
        return {}
    return {"input_file": str(await fetched_as(run, task.input_file, await run.directory() / INPUT_FILE))}


def input_variables(written: Mapping[str, Any], directory: Path) -> Mapping[str, Any]:
    """A further variable for expressions of SQL: ``inputFile``, the path of the file."""
    return {"inputFile": str(directory / INPUT_FILE)} if written.get("inputFile") else {}


def database_file(given: str, directory: Path) -> str:
    """What a URL names: a file of the worker, one without a file, or a new one. Raises TaskFailed."""
    if given.startswith((":memory:", "md:", "motherduck:")):
        return given
    if given and not Path(given).is_absolute():
        raise TaskFailed(f"url: the path `{given}` must be absolute, or left out for a new database")
    return given or str(directory / OWN_DATABASE)


async def _file_outputs(task: Any, run: RunContext, options: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {"outputFiles": await keep_outputs(run, task.output_files)}
    path = await run.directory() / OWN_DATABASE
    if task.output_db_file:
        if options["file"] != str(path) or not path.exists():
            raise TaskFailed("outputDbFile: only a new database, or a copy of a stored one, can be kept")
        found["databaseUri"] = await kept(run, path)
    return found


def directory_variables(written: Mapping[str, Any], directory: Path) -> Mapping[str, Any]:
    """Further variables for expressions of SQL: ``workingDir``, ``dbFilePath``, ``outputFiles``."""
    files = written.get("outputFiles")
    names = [name for name in files if isinstance(name, str)] if isinstance(files, list) else []
    return {
        "workingDir": str(directory),
        "dbFilePath": str(directory / OWN_DATABASE),
        "outputFiles": {name: str(directory / name) for name in names if "{" not in name},
    }
