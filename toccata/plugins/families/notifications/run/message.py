"""The payload of each service from the facts of an execution. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from toccata.plugins.families.notifications.run.facts import Facts

_BOLD = re.compile(r"\*\*(.+?)\*\*", re.DOTALL)
_ITALIC = re.compile(r"(?<![\w*])\*(?!\s)([^*\n]+?)(?<!\s)\*(?![\w*])")
_LINK = re.compile(r"\[([^\]\n]+)\]\(([^)\s]+)\)")
_RED, _GREEN, _BLUE = 0xE01E5A, 0x2EB67D, 0x0076D7


def mrkdwn(text: str) -> str:
    """Bold, italic and links of Markdown as Slack writes them."""
    text = _BOLD.sub("\0\\1\0", text)
    text = _ITALIC.sub(r"_\1_", text)
    return _LINK.sub(r"<\2|\1>", text.replace("\0", "*"))


def color(facts: Facts) -> int:
    return _RED if facts.failed else _GREEN if facts.state == "SUCCESS" else _BLUE


def slack(task: Any, facts: Facts) -> Any:
    title = f"<{facts.link}|{facts.title}>" if facts.link else facts.title
    head = "\n".join(filter(None, (mrkdwn(task.message_text or ""), facts.message, f"*{title}*")))
    fields = [{"type": "mrkdwn", "text": f"*{name}*\n{value}"} for name, value in facts.lines().items()]
    # Slack takes ten fields in a section.
    sections = [{"type": "section", "fields": fields[at : at + 10]} for at in range(0, len(fields), 10)]
    whole: dict[str, Any] = {
        "text": head,
        "attachments": [{"color": f"#{color(facts):06X}", "fallback": facts.title, "blocks": sections}],
        "channel": task.channel,
        "username": task.username,
        "icon_url": task.icon_url,
        "icon_emoji": task.icon_emoji,
    }
    return _known(whole)


def discord(task: Any, facts: Facts) -> Any:
    embed = {
        "title": facts.title[:256],
        "url": facts.link or None,
        "description": facts.message[:4096] or None,
        "color": color(facts),
        "fields": [
            {"name": name[:256], "value": value[:1024], "inline": True}
            for name, value in list(facts.lines().items())[:25]
        ],
    }
    embeds = [embed_of(each) for each in task.embed_list or ()] or [_known(embed)]
    return _known(
        {"username": task.username, "avatar_url": task.avatar_url, "content": task.content, "embeds": embeds}
    )


def embed_of(each: Any) -> dict[str, Any]:
    red, green, blue = (*(each.color or ()), 0, 0, 0)[:3]
    return _known(
        {
            "title": each.title,
            "url": each.website_url,
            "description": each.description,
            "thumbnail": {"url": each.thumbnail} if each.thumbnail else None,
            "author": {"name": each.author_name} if each.author_name else None,
            "color": (red << 16) + (green << 8) + blue if each.color else None,
            "footer": {"text": each.footer} if each.footer else None,
        }
    )


def google_chat(task: Any, facts: Facts) -> Any:
    return {"text": "\n".join(filter(None, (task.text, facts.text())))}


def teams(task: Any, facts: Facts) -> Any:
    section = {
        "activityTitle": task.activity_title or facts.title,
        "activitySubtitle": task.activity_subtitle or facts.message or None,
        "facts": [{"name": name, "value": value} for name, value in facts.lines().items()],
    }
    action = {"@type": "OpenUri", "name": "Open", "targets": [{"os": "default", "uri": facts.link}]}
    return _known(
        {
            "@type": "MessageCard",
            "@context": "https://schema.org/extensions",
            "themeColor": task.theme_color,
            "summary": facts.title,
            "sections": [_known(section)],
            "potentialAction": [action] if facts.link else None,
        }
    )


def zulip(task: Any, facts: Facts) -> Any:
    fields = [{"title": name, "value": value, "short": True} for name, value in facts.lines().items()]
    attachment = {"fallback": facts.title, "color": f"#{color(facts):06X}", "fields": fields}
    return _known(
        {
            "text": "\n".join(filter(None, (facts.message, facts.title, facts.link))),
            "attachments": [attachment],
            "channel": task.channel,
            "username": task.username,
            "icon_url": task.icon_url,
            "icon_emoji": task.icon_emoji,
        }
    )


def whatsapp(task: Any, facts: Facts) -> Any:
    return _known(
        {
            "messaging_product": "whatsapp",
            "recipient_type": "individual",
            "to": task.recipient_id or next(iter(task.whats_app_ids or ()), None),
            "type": "text",
            "text": {"body": task.text_body or facts.text()},
            "context": {"message_id": task.message_id} if task.message_id else None,
        }
    )


def pagerduty(task: Any, facts: Facts) -> Any:
    payload = {
        "summary": (task.payload_summary or facts.message or facts.title)[:1024],
        "source": f"{facts.namespace}.{facts.flow_id}",
        "severity": "error" if facts.failed else "info",
        "custom_details": facts.lines(),
    }
    return _known(
        {
            "routing_key": task.routing_key,
            "dedup_key": task.deduplication_key,
            "event_action": task.event_action or "trigger",
            "payload": payload,
            "links": [{"href": facts.link, "text": "Open"}] if facts.link else None,
        }
    )


def opsgenie(task: Any, facts: Facts) -> Any:
    return _known(
        {
            "message": (task.message or facts.title)[:130],
            "alias": task.alias,
            "description": facts.text(),
            "responders": _people(task.responders),
            "visibleTo": _people(task.visible_to),
            "tags": task.tags,
            "priority": task.priority,
            "details": facts.lines(),
            "source": f"{facts.namespace}.{facts.flow_id}",
        }
    )


def _people(named: Mapping[str, str] | None) -> list[dict[str, str]] | None:
    """Ids and types. Opsgenie also takes a name or a user name in place of an id."""
    return [{"id": id_, "type": kind} for id_, kind in named.items()] if named else None


def squadcast(task: Any, facts: Facts) -> Any:
    return _known(
        {
            "message": task.message,
            "description": facts.text(),
            "priority": task.priority,
            "event_id": task.event_id,
            "status": task.status or "trigger",
            "tags": task.tags,
        }
    )


def zenduty(task: Any, facts: Facts) -> Any:
    urls = [*(task.urls or ()), *([facts.link] if facts.link else ())]
    return _known(
        {
            "message": task.message or facts.title,
            "summary": task.summary or facts.text(),
            "alert_type": (task.alert_type or ("critical" if facts.failed else "info")).lower(),
            "entity_id": task.entity_id or facts.id,
            "urls": [{"link_url": url, "link_text": "Open"} for url in urls] or None,
            "payload": facts.lines(),
        }
    )


def sentry(task: Any, facts: Facts) -> Any:
    return _known(
        {
            "event_id": task.event_id,
            "timestamp": datetime.now(UTC).isoformat(),
            "platform": task.platform.lower(),
            "level": task.level.lower(),
            "transaction": task.transaction or f"{facts.namespace}.{facts.flow_id}",
            "server_name": task.server_name,
            "message": {"formatted": facts.message or facts.title},
            "extra": {**facts.lines(), **(task.extra or {})} | ({"link": facts.link} if facts.link else {}),
            "errors": task.errors,
        }
    )


def _known(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}
