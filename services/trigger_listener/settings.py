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
