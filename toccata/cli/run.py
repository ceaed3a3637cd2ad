"""``toccata run``: starts one execution of a stored flow or of a file, and follows it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from toccata.cli.api import Api, Refusal, api_of, form_body, segment
from toccata.cli.errors import FAILED, INTERRUPTED, MISUSED, CommandError
from toccata.cli.flow.apply import say_refusal, store
from toccata.cli.flow.read import unknown_flow
from toccata.cli.option import Form
from toccata.cli.output import err, say, say_value
from toccata.cli.progress import Progress, ended_well
from toccata.cli.source import ENDINGS, Head, head_of, parse_name, read_files
from toccata.cli.target.value import Target

Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Start:
    """The arguments of the command, as typed."""

    flow: str
    inputs: Sequence[str]
    labels: Sequence[str]


def run(target: Target, start: Start, form: Form, *, follow: bool) -> int:
    """Give the exit code. With ``follow``, it depends on the final state."""
    if follow and form != "table":
        raise CommandError("-o and --follow do not go together.", "Leave one of them out.", MISUSED)
    fields = [_pair(text, "=", "-i") for text in start.inputs]
    query = [("labels", ":".join(_pair(text, "=", "--label"))) for text in start.labels]
    api = api_of(target)
    head = _stored(api, start.flow, form) if _is_file(start.flow) else parse_name(start.flow)
    if fields:
        _refuse_unknown(fields, _inputs(api, head), head)
    path = f"/executions/{segment(head.namespace)}/{segment(head.flow_id)}"
    try:
        page = api.ask("POST", path, query, form_body(fields))
    except Refusal as refusal:
        raise _explained(api, refusal, head) from refusal
    if form != "table":
        say_value(page, form)
        return 0
    execution = page["id"]
    say(("execution", "bold"), f" {execution} of {head} revision {page['flowRevision']}")
    if not follow:
        say(f"{page['url']}")
        return 0
    try:
        final = Progress(api, execution).show()
    except KeyboardInterrupt:
        err.print(
            f"\nIt goes on. `toccata execution logs --follow {execution}` follows it again,"
            f" `toccata execution kill {execution}` ends it."
        )
        return INTERRUPTED
    return 0 if ended_well(final) else FAILED


def _is_file(flow: str) -> bool:
    return flow.endswith(ENDINGS) or Path(flow).is_file()


def _stored(api: Api, flow: str, form: Form) -> Head:
    read = read_files([Path(flow)])
    if read.problems:
        raise CommandError(read.problems[0])
    if len(read.sources) > 1:
        raise CommandError(
            f"{flow} holds {len(read.sources)} flows.",
            f"`toccata flow apply {flow}`, then `toccata run NAMESPACE.FLOW`.",
            MISUSED,
        )
    (source,) = read.sources
    head = head_of(source)
    try:
        store(api, source, head, quiet=form != "table")
    except Refusal as refusal:
        if refusal.status != 422:
            raise
        say_refusal(source, refusal)
        raise CommandError("The flow is not valid.") from refusal
    return head


def _pair(text: str, separator: str, option: str) -> Pair:
    name, found, value = text.partition(separator)
    if not found or not name:
        raise CommandError(
            f"{option} {text}: there is no `{separator}`.", f"Write {option} key=value.", MISUSED
        )
    return name, value


def _inputs(api: Api, head: Head) -> list[dict[str, Any]]:
    """The inputs as the flow declares them."""
    try:
        form = api.get(f"/executions/flows/{segment(head.namespace)}/{segment(head.flow_id)}")
    except Refusal as refusal:
        raise unknown_flow(refusal, head) from refusal
    return form.get("inputs") or []


def _refuse_unknown(fields: Sequence[Pair], declared: Sequence[dict[str, Any]], head: Head) -> None:
    """Refuse unknown inputs, which the API ignores as Kestra's does. A person who types one has misspelled it."""
    known = {str(each["id"]) for each in declared}
    for name, _ in fields:
        if name in known or any(each.startswith(f"{name}.") for each in known):
            continue
        alike = get_close_matches(name, known, 1)
        hint = f"Did you mean {alike[0]}? " if alike else ""
        raise CommandError(f"{head} has no input {name}.", f"{hint}{_listed(declared)}", MISUSED)


def _listed(declared: Sequence[dict[str, Any]]) -> str:
    known = ", ".join(f"{each['id']} ({each.get('type', 'STRING')})" for each in declared)
    return f"The flow's inputs are: {known}." if known else "The flow has no inputs."


def _explained(api: Api, refusal: Refusal, head: Head) -> CommandError:
    """Add the flow's inputs to the message about a refused one."""
    if refusal.status != 422:
        return unknown_flow(refusal, head)
    return CommandError(refusal.message, _listed(_inputs(api, head)))
