"""Chats: Slack, Discord, Google Chat, Teams, Telegram, Zulip, WhatsApp, Messenger, LINE and X."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from toccata.plugin import Properties, Secret, TaskFailed, dynamic, static
from toccata.plugins.families.notifications.run import message
from toccata.plugins.families.notifications.run.facts import Facts
from toccata.plugins.families.notifications.run.message import mrkdwn
from toccata.plugins.families.notifications.run.oauth import signed
from toccata.plugins.families.notifications.run.send import Delivery, payload_of
from toccata.plugins.families.notifications.webhook import (
    About,
    Message,
    Notification,
    Webhook,
    WithPayload,
    declared,
    post,
)

_TEAM = "channel, for services that let the message choose it"
_HOOK = "\"{{ secret('WEBHOOK') }}\""
_PAYLOAD = '\'{"text": "{{ flow.id }} is done"}\''


def _upper(value: object) -> object:
    return value.upper() if isinstance(value, str) else value


class SlackWebhook(Webhook):
    """Sends a message to Slack through an incoming webhook. Slack's own Markdown stands in `payload`; `messageText` may be in common
    Markdown: bold, italic and links are translated."""

    message_text: str | None = dynamic(None, doc="the message, if there is no `payload`")


class Sender(Properties):
    channel: str | None = dynamic(None, doc=_TEAM)
    username: str | None = dynamic(None, doc="name of the sender")
    icon_url: str | None = dynamic(None, doc="picture of the sender")
    icon_emoji: str | None = dynamic(None, doc="emoji in place of a picture")


class SlackAbout(SlackWebhook, About, Sender):
    """Sends a message about an execution to Slack."""


class Embed(Properties):
    """A box of Discord."""

    title: str | None = static(None, doc="its title")
    website_url: str | None = static(None, doc="where the title leads")
    description: str | None = static(None, doc="its text")
    thumbnail: str | None = static(None, doc="address of a picture")
    author_name: str | None = static(None, doc="who wrote it")
    color: list[Annotated[int, Field(ge=0, le=255)]] | None = static(
        None, doc="red, green and blue, 0 to 255", max_length=3
    )
    footer: str | None = static(None, doc="its last line")


class DiscordAbout(Webhook, About):
    """Sends a message about an execution to Discord."""

    username: str | None = dynamic(None, doc="name of the sender")
    avatar_url: str | None = dynamic(None, doc="picture of the sender")
    embed_list: list[Embed] | None = dynamic(None, doc="boxes in place of the one about the execution")
    content: str | None = dynamic(None, doc="a text above the boxes")


class GoogleChatAbout(Webhook, About):
    """Sends a message about an execution to Google Chat."""

    text: str | None = dynamic(None, doc="a text above what is said of the execution")


class TeamsAbout(Webhook, About):
    """Sends a message about an execution to Microsoft Teams."""

    theme_color: str = dynamic("0076D7", doc="color of the message, as RRGGBB")
    activity_title: str | None = dynamic(None, doc="title in place of the one about the execution")
    activity_subtitle: str | None = dynamic(None, doc="second line")


class Telegram(WithPayload):
    """Sends a message to Telegram as a bot."""

    token: Secret = dynamic(doc="the token of the bot")
    channel: str = dynamic(doc="id of the chat, or @name of the channel")
    payload: str | None = dynamic(None, doc="the text of the message")
    parse_mode: Annotated[Literal["HTML", "MARKDOWNV2"], BeforeValidator(_upper)] | None = dynamic(
        None, doc="how the text is written; default: plain"
    )
    endpoint_override: str | None = dynamic(None, doc="address in place of https://api.telegram.org")


class TelegramAbout(Telegram, About):
    """Sends a message about an execution to Telegram."""


class ZulipAbout(Webhook, About, Sender):
    """Sends a message about an execution to Zulip, through its integration for Slack's webhooks."""


class WhatsAppAbout(Webhook, About):
    """Sends a message about an execution over WhatsApp."""

    profile_name: str | None = dynamic(
        None, doc="accepted for old flows; WhatsApp takes the name of the account"
    )
    whats_app_ids: list[str] | None = dynamic(
        None, doc="who gets it, if there is no `recipientId`: the first one"
    )
    from_: str | None = dynamic(
        None, doc="accepted for old flows; the address decides on the sender", alias="from"
    )
    message_id: str | None = dynamic(None, doc="the message to which this one is an answer")
    text_body: str | None = dynamic(None, doc="text in place of the one about the execution")
    recipient_id: str | None = dynamic(None, doc="who gets it")


class MessengerAbout(Notification, About):
    """Sends a message about an execution over Messenger."""

    page_id: str = dynamic(doc="id of the page that sends it")
    access_token: Secret = dynamic(doc="token of the page")
    recipient_ids: list[str] = dynamic(doc="who gets it", min_length=1)
    messaging_type: Annotated[Literal["RESPONSE", "UPDATE", "MESSAGE_TAG"], BeforeValidator(_upper)] = (
        dynamic("UPDATE", doc="what kind of message it is")
    )
    text_body: str | None = dynamic(None, doc="text in place of the one about the execution")
    url: str | None = dynamic(None, doc="address in place of the one of the page")


class LineAbout(Notification, About):
    """Sends a message about an execution to all who follow an account of LINE."""

    channel_access_token: Secret = dynamic(doc="token of the channel")
    url: str = dynamic("https://api.line.me/v2/bot/message/broadcast", doc="address of the method")
    text_body: str | None = dynamic(None, doc="text in place of the one about the execution")


class XAbout(Notification, About):
    """Publishes a message about an execution on X."""

    bearer_token: Secret | None = dynamic(None, doc="token of a user; or the four others")
    consumer_key: str | None = dynamic(None, doc="key of the application")
    consumer_secret: Secret | None = dynamic(None, doc="its secret")
    access_token: str | None = dynamic(None, doc="token of the user")
    access_secret: Secret | None = dynamic(None, doc="its secret")
    text_body: str | None = dynamic(None, doc="text in place of the one about the execution")
    url: str = dynamic("https://api.x.com/2/tweets", doc="address of the method")


def _slack(task: SlackWebhook) -> Any:
    if task.payload or not task.message_text:
        return payload_of(task.payload)
    return {"text": mrkdwn(task.message_text)}


def _text(task: Telegram) -> Any:
    if not task.payload:
        raise TaskFailed("payload: the text of the message is missing")
    return {"text": task.payload}


def _telegram(task: Telegram, payload: Any) -> Delivery:
    root = (task.endpoint_override or "https://api.telegram.org").rstrip("/")
    mode = {"HTML": "HTML", "MARKDOWNV2": "MarkdownV2"}.get(task.parse_mode or "")
    content = {"chat_id": task.channel, **payload} | ({"parse_mode": mode} if mode else {})
    return Delivery(f"{root}/bot{task.token.get_secret_value()}/sendMessage", content)


def _messenger(task: MessengerAbout, payload: Any) -> Delivery:
    address = task.url or f"https://graph.facebook.com/v20.0/{task.page_id}/messages"
    return Delivery(address, payload, params={"access_token": task.access_token.get_secret_value()})


def _messenger_text(task: MessengerAbout, facts: Facts) -> Any:
    return {
        "recipient": {"id": task.recipient_ids[0]}
        if len(task.recipient_ids) == 1
        else {"ids": task.recipient_ids},
        "messaging_type": task.messaging_type,
        "message": {"text": task.text_body or facts.text()},
    }


def _line(task: LineAbout, payload: Any) -> Delivery:
    return Delivery(
        task.url, payload, headers={"Authorization": f"Bearer {task.channel_access_token.get_secret_value()}"}
    )


def _x(task: XAbout, payload: Any) -> Delivery:
    if task.bearer_token is not None:
        header = f"Bearer {task.bearer_token.get_secret_value()}"
    elif task.consumer_key and task.consumer_secret and task.access_token and task.access_secret:
        secrets = (task.consumer_secret.get_secret_value(), task.access_secret.get_secret_value())
        header = signed("POST", task.url, (task.consumer_key, task.access_token), secrets)
    else:
        raise TaskFailed(
            "`bearerToken` is needed, or `consumerKey`, `consumerSecret`, `accessToken` and `accessSecret`"
        )
    return Delivery(task.url, payload, headers={"Authorization": header})


_BOTH = {"url": _HOOK, "payload": _PAYLOAD}
_ABOUT = {"url": _HOOK, "customMessage": "Please look at this"}

SLACK_WEBHOOK = declared(
    Message(
        name="slack.notifications.SlackIncomingWebhook",
        title="Send a message to Slack",
        properties=SlackWebhook,
        deliver=post,
        compose=_slack,
        aliases=("slack.SlackIncomingWebhook", "notifications.slack.SlackIncomingWebhook"),
        example={"url": _HOOK, "messageText": '"**{{ flow.id }}** is [done](https://example.com)"'},
    )
)
SLACK_EXECUTION = declared(
    Message(
        name="slack.notifications.SlackExecution",
        title="Tell Slack about an execution",
        properties=SlackAbout,
        deliver=post,
        compose=_slack,
        about=message.slack,
        aliases=("slack.SlackExecution", "notifications.slack.SlackExecution"),
        example={**_ABOUT, "channel": "'#alerts'"},
    )
)
DISCORD_WEBHOOK = declared(
    Message(
        name="discord.DiscordIncomingWebhook",
        title="Send a message to Discord",
        properties=Webhook,
        deliver=post,
        aliases=("notifications.discord.DiscordIncomingWebhook",),
        example={"url": _HOOK, "payload": '\'{"content": "{{ flow.id }} is done"}\''},
    )
)
DISCORD_EXECUTION = declared(
    Message(
        name="discord.DiscordExecution",
        title="Tell Discord about an execution",
        properties=DiscordAbout,
        deliver=post,
        about=message.discord,
        aliases=("notifications.discord.DiscordExecution",),
        example=_ABOUT,
    )
)
GOOGLE_CHAT_WEBHOOK = declared(
    Message(
        name="googleworkspace.chat.GoogleChatIncomingWebhook",
        title="Send a message to Google Chat",
        properties=Webhook,
        deliver=post,
        aliases=("notifications.google.GoogleChatIncomingWebhook",),
        example=_BOTH,
    )
)
GOOGLE_CHAT_EXECUTION = declared(
    Message(
        name="googleworkspace.chat.GoogleChatExecution",
        title="Tell Google Chat about an execution",
        properties=GoogleChatAbout,
        deliver=post,
        about=message.google_chat,
        aliases=("notifications.google.GoogleChatExecution",),
        example=_ABOUT,
    )
)
TEAMS_WEBHOOK = declared(
    Message(
        name="microsoft365.teams.TeamsIncomingWebhook",
        title="Send a message to Microsoft Teams",
        properties=Webhook,
        deliver=post,
        aliases=("notifications.teams.TeamsIncomingWebhook",),
        example=_BOTH,
    )
)
TEAMS_EXECUTION = declared(
    Message(
        name="microsoft365.teams.TeamsExecution",
        title="Tell Microsoft Teams about an execution",
        properties=TeamsAbout,
        deliver=post,
        about=message.teams,
        aliases=("notifications.teams.TeamsExecution",),
        example=_ABOUT,
    )
)
TELEGRAM_SEND = declared(
    Message(
        name="telegram.TelegramSend",
        title="Send a message to Telegram",
        properties=Telegram,
        deliver=_telegram,
        compose=_text,
        aliases=("notifications.telegram.TelegramSend",),
        example={
            "token": "\"{{ secret('TELEGRAM') }}\"",
            "channel": "'@alerts'",
            "payload": "The load is done",
        },
    )
)
TELEGRAM_EXECUTION = declared(
    Message(
        name="telegram.TelegramExecution",
        title="Tell Telegram about an execution",
        properties=TelegramAbout,
        deliver=_telegram,
        compose=_text,
        about=lambda task, facts: {"text": facts.text()},
        aliases=("notifications.telegram.TelegramExecution",),
        example={"token": "\"{{ secret('TELEGRAM') }}\"", "channel": "'@alerts'"},
    )
)
ZULIP_WEBHOOK = declared(
    Message(
        name="zulip.ZulipIncomingWebhook",
        title="Send a message to Zulip",
        properties=Webhook,
        deliver=post,
        aliases=("notifications.zulip.ZulipIncomingWebhook",),
        example=_BOTH,
    )
)
ZULIP_EXECUTION = declared(
    Message(
        name="zulip.ZulipExecution",
        title="Tell Zulip about an execution",
        properties=ZulipAbout,
        deliver=post,
        about=message.zulip,
        aliases=("notifications.zulip.ZulipExecution",),
        example=_ABOUT,
    )
)
WHATSAPP_WEBHOOK = declared(
    Message(
        name="meta.whatsapp.WhatsAppIncomingWebhook",
        title="Send a message over WhatsApp",
        properties=Webhook,
        deliver=post,
        aliases=("notifications.whatsapp.WhatsAppIncomingWebhook",),
        example=_BOTH,
    )
)
WHATSAPP_EXECUTION = declared(
    Message(
        name="meta.whatsapp.WhatsAppExecution",
        title="Tell somebody about an execution over WhatsApp",
        properties=WhatsAppAbout,
        deliver=post,
        about=message.whatsapp,
        aliases=("notifications.whatsapp.WhatsAppExecution",),
        example={"url": _HOOK, "recipientId": "'491701234567'"},
    )
)
MESSENGER_EXECUTION = declared(
    Message(
        name="meta.messenger.MessengerExecution",
        title="Tell somebody about an execution over Messenger",
        properties=MessengerAbout,
        deliver=_messenger,
        about=_messenger_text,
        aliases=("notifications.messenger.MessengerExecution",),
        example={"pageId": "'1001'", "accessToken": "\"{{ secret('META') }}\"", "recipientIds": "['2002']"},
    )
)
LINE_EXECUTION = declared(
    Message(
        name="line.LineExecution",
        title="Tell LINE about an execution",
        properties=LineAbout,
        deliver=_line,
        about=lambda task, facts: {
            "messages": [{"type": "text", "text": (task.text_body or facts.text())[:5000]}]
        },
        aliases=("notifications.line.LineExecution",),
        example={"channelAccessToken": "\"{{ secret('LINE') }}\""},
    )
)
X_EXECUTION = declared(
    Message(
        name="notifications.x.XExecution",
        title="Publish a message about an execution on X",
        properties=XAbout,
        deliver=_x,
        about=lambda task, facts: {"text": (task.text_body or facts.text())[:280]},
        example={"bearerToken": "\"{{ secret('X') }}\""},
    )
)
