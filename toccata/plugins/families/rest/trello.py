"""Trello: cards."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import BaseModel

from toccata.plugin import Secret, dynamic
from toccata.plugins.families.rest.api import Call, Optioned, Service, Session, at, declared, known, one


class Trello(Optioned):
    api_key: Secret = dynamic(doc="the key")
    api_token: Secret = dynamic(doc="the token")
    api_version: str = dynamic("1", doc="version of the interface")
    api_base_url: str = dynamic("https://api.trello.com", doc="address of the service")


class Create(Trello):
    """Adds a card to a list."""

    name: str = dynamic(doc="its name")
    list_id: str = dynamic(doc="the list")
    desc: str | None = dynamic(None, doc="its text")
    pos: str | None = dynamic(None, doc="where in the list: `top`, `bottom` or a number")
    due: str | None = dynamic(None, doc="when it is due")


class Update(Trello):
    """Changes a card."""

    card_id: str = dynamic(doc="the card")
    name: str | None = dynamic(None, doc="its name")
    desc: str | None = dynamic(None, doc="its text")
    closed: bool | None = dynamic(None, doc="whether it is archived")
    due: str | None = dynamic(None, doc="when it is due")
    pos: str | None = dynamic(None, doc="where in the list: `top`, `bottom` or a number")


class Move(Trello):
    """Moves a card to another list."""

    card_id: str = dynamic(doc="the card")
    list_id: str = dynamic(doc="the list")
    pos: str | None = dynamic(None, doc="where in the list: `top`, `bottom` or a number")


class Comment(Trello):
    """Comments on a card."""

    card_id: str = dynamic(doc="the card")
    text: str = dynamic(doc="the text")


class CardOutputs(BaseModel):
    cardId: str  # noqa: N815 - the name of the output
    """The card."""


class CommentOutputs(BaseModel):
    commentId: str  # noqa: N815 - the name of the output
    """The comment."""


async def _sign_in(task: Trello, session: Session) -> Mapping[str, str]:
    del session
    key, token = task.api_key.get_secret_value(), task.api_token.get_secret_value()
    return {"Authorization": f'OAuth oauth_consumer_key="{key}", oauth_token="{token}"'}


_SERVICE = Service(
    prefix="trello.cards",
    address=lambda task: f"{task.api_base_url.rstrip('/')}/{task.api_version}",
    sign_in=_sign_in,
)


def _create(task: Create) -> Call:
    body = {"name": task.name, "idList": task.list_id, "desc": task.desc, "pos": task.pos, "due": task.due}
    return Call("POST", "/cards", body=known(body))


def _update(task: Update) -> Call:
    body = {name: getattr(task, name) for name in ("name", "desc", "closed", "due", "pos")}
    return Call("PUT", at("/cards/{}", task.card_id), body=known(body))


def _move(task: Move) -> Call:
    return Call("PUT", at("/cards/{}", task.card_id), body=known({"idList": task.list_id, "pos": task.pos}))


_HEAD = "apiBaseUrl: https://api.trello.com\napiKey: \"{{ secret('TRELLO') }}\"\napiToken: \"{{ secret('TRELLO') }}\"\n"
_CARD = "cardId: 5abbe4b7ddc1b351ef961414\n"
CREATE = declared(
    _SERVICE,
    "Create",
    "Add a card to Trello",
    Create,
    one(_create, lambda _task, answer: {"cardId": answer["id"]}),
    CardOutputs,
    f"{_HEAD}name: Look at the load\nlistId: 5abbe4b7ddc1b351ef961415\npos: top\n",
)
UPDATE = declared(
    _SERVICE,
    "Update",
    "Change a card of Trello",
    Update,
    one(_update),
    None,
    f"{_HEAD}{_CARD}closed: true\n",
)
MOVE = declared(
    _SERVICE,
    "Move",
    "Move a card of Trello",
    Move,
    one(_move),
    None,
    f"{_HEAD}{_CARD}listId: 5abbe4b7ddc1b351ef961415\n",
)
COMMENT = declared(
    _SERVICE,
    "Comment",
    "Comment on a card of Trello",
    Comment,
    one(
        lambda task: Call("POST", at("/cards/{}/actions/comments", task.card_id), body={"text": task.text}),
        lambda _task, answer: {"commentId": answer["id"]},
    ),
    CommentOutputs,
    f"{_HEAD}{_CARD}text: It works again.\n",
)
