"""Settings of trigger-listener."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from pydantic import Field, field_validator
from pydantic_settings import SettingsConfigDict

from toccata.runtime.settings import CommonSettings


class TriggerListenerSettings(CommonSettings):
    """Settings shared with other services begin with ``TOCCATA_``, its own with ``TOCCATA_TRIGGER_LISTENER_``."""

    model_config = SettingsConfigDict(env_prefix="TOCCATA_", frozen=True, extra="ignore")

    trigger_listener_timezone: str = Field("UTC", description="IANA time zone for schedules that name none")

    trigger_listener_worker_group: str = Field(
        "default",
        min_length=1,
        description="The workers that poll for triggers which name no worker group",
    )
    trigger_listener_poll_seconds: float = Field(
        600.0, gt=0, le=86_400, description="The limit of one poll of a trigger"
    )

    trigger_listener_flow_depth: int = Field(
        50, ge=1, le=10_000, description="So many Flow triggers may start one another in a row"
    )

    plugin_path: str = Field(
        "",
        description="folders with installed plugin packages, separated like those in PATH: tells which of their triggers are polled",
    )

    @field_validator("trigger_listener_timezone")
    @classmethod
    def _zone(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (KeyError, ValueError, OSError) as error:
            raise ValueError(
                f"`{name}` is not a time zone: use an IANA name such as Europe/Berlin"
            ) from error
        return name
