"""Lists flows, and shows one."""

from __future__ import annotations

from toccata.cli.api import Refusal, api_of, segment
from toccata.cli.errors import CommandError
from toccata.cli.option import Form
from toccata.cli.output import date, err, out, say, say_table, say_value
from toccata.cli.source import Head, parse_name
from toccata.cli.target.value import Target


def list_all(target: Target, namespace: str | None, most: int, form: Form) -> None:
    """By name, without their sources."""
    query = [("sort", "namespace:asc"), ("sort", "id:asc")]
    query += [("namespace", namespace)] if namespace else []
    found = list(api_of(target).pages("/flows/search", query, most))
    if form != "table":
        say_value(found, form)
    elif not found:
        err.print("There are no flows.")
    else:
        say_table(
            ("FLOW", "REVISION", "TRIGGERS", "CHANGED", ""),
            [
                (
                    f"{each['namespace']}.{each['id']}",
                    str(each["revision"]),
                    ", ".join(trigger["id"] for trigger in each.get("triggers") or []),
                    date(each.get("updated")),
                    ("disabled", "yellow") if each.get("disabled") else "",
                )
                for each in found
            ],
        )


def get(target: Target, name: str, revision: int | None, form: Form) -> None:
    """The form ``yaml`` is the source, byte for byte."""
    head = parse_name(name)
    query = [("source", "true")] + ([("revision", str(revision))] if revision else [])
    try:
        flow = api_of(target).get(f"/flows/{segment(head.namespace)}/{segment(head.flow_id)}", query)
    except Refusal as refusal:
        raise unknown_flow(refusal, head, revision) from refusal
    if form == "json":
        say_value(flow, form)
    elif form == "yaml":
        source: str = flow["source"]
        out.file.write(source if source.endswith("\n") else f"{source}\n")
    else:
        tasks = ", ".join(task["id"] for task in flow.get("tasks") or [])
        triggers = ", ".join(trigger["id"] for trigger in flow.get("triggers") or [])
        facts = (
            ("flow", str(head)),
            ("revision", str(flow["revision"])),
            ("disabled", "yes" if flow.get("disabled") else ""),
            ("about", flow.get("description") or ""),
            ("inputs", ", ".join(f"{each['id']} ({each['type']})" for each in flow.get("inputs") or [])),
            ("tasks", tasks),
            ("triggers", triggers),
        )
        for label, text in facts:
            if text:
                say((f"{label:<10}", "bold"), text)


def unknown_flow(refusal: Refusal, head: Head, revision: int | None = None) -> CommandError:
    """Turn a 404 into a message for people."""
    if refusal.status != 404:
        return refusal
    if revision is not None:
        return CommandError(
            f"There is no revision {revision} of flow {head}.", f"`toccata flow get {head}` shows the latest."
        )
    return CommandError(
        f"There is no flow {head}.",
        "`toccata flow list` lists the flows; `toccata flow apply FILE` stores one.",
    )
