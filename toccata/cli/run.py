"""``toccata run``: start one execution, of a stored flow or of a file, and follow it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from toccata.cli.api import Api, Refusal, form_body, segment
from toccata.cli.errors import FAILED, MISUSED, CommandError
from toccata.cli.flow import say_refusal, store, unknown_flow
from toccata.cli.output import err, say
from toccata.cli.progress import Progress, ended_well
from toccata.cli.settings import read_settings
from toccata.cli.source import ENDINGS, Head, head_of, parse_name, read_sources


def run(flow: str, inputs: Sequence[str], labels: Sequence[str], *, follow: bool) -> int:
    """Gives the exit code: with ``follow`` by the final state."""
    fields = [_pair(text, "=", "-i") for text in inputs]
    query = [("labels", ":".join(_pair(text, "=", "--label"))) for text in labels]
    api = Api(read_settings())
    head = _stored(api, flow) if _is_file(flow) else parse_name(flow)
    path = f"/executions/{segment(head.namespace)}/{segment(head.flow_id)}"
    try:
        page = api.ask("POST", path, query, form_body(fields))
    except Refusal as refusal:
        raise _explained(api, refusal, head) from refusal
    execution = page["id"]
    say(("execution", "bold"), f" {execution} of {head} revision {page['flowRevision']}")
    if not follow:
        say(f"{page['url']}")
        return 0
    try:
        final = Progress(api, execution).show()
    except KeyboardInterrupt:
        err.print(
            f"\nIt goes on. `toccata execution logs --follow {execution}` follows it again, `kill` ends it."
        )
        return 130
    return 0 if ended_well(final) else FAILED


def _is_file(flow: str) -> bool:
    return flow.endswith(ENDINGS) or Path(flow).is_file()


def _stored(api: Api, flow: str) -> Head:
    sources = read_sources([Path(flow)])
    if len(sources) > 1:
        raise CommandError(
            f"{flow} holds {len(sources)} flows.",
            f"`toccata flow apply {flow}`, then `toccata run NAMESPACE.FLOW`.",
            MISUSED,
        )
    head = head_of(sources[0])
    try:
        store(api, sources[0], head)
    except Refusal as refusal:
        if refusal.status != 422:
            raise
        say_refusal(sources[0], refusal)
        raise CommandError("The flow is not valid.") from refusal
    return head


def _pair(text: str, separator: str, option: str) -> tuple[str, str]:
    name, found, value = text.partition(separator)
    if not found or not name:
        raise CommandError(
            f"{option} {text}: there is no `{separator}`.", f"Write {option} key=value.", MISUSED
        )
    return name, value


def _explained(api: Api, refusal: Refusal, head: Head) -> CommandError:
    """A refused input with the inputs there are."""
    if refusal.status != 422:
        return unknown_flow(refusal, head)
    form = api.get(f"/executions/flows/{segment(head.namespace)}/{segment(head.flow_id)}")
    known = ", ".join(f"{each['id']} ({each.get('type', 'STRING')})" for each in form.get("inputs", []))
    return CommandError(
        refusal.message, f"The flow's inputs are: {known}." if known else "The flow has no inputs."
    )
