"""Settings of the executor."""

from __future__ import annotations

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from toccata.runtime.settings import CommonSettings


class ExecutorSettings(CommonSettings):
    """Settings shared with other services begin with ``TOCCATA_``, the executor's own with ``TOCCATA_EXECUTOR_``."""

    model_config = SettingsConfigDict(env_prefix="TOCCATA_", frozen=True, extra="ignore")

    executor_window_hours: float = Field(
        24.0,
        gt=0,
        description="how long an ended execution's id stays known; starts that waited longer fail with a reason",
    )
    executor_max_projection_lag: int = Field(
        200_000,
        ge=1,
        description="public events not yet projected, beyond which no execution is started (running ones go on)",
    )
    executor_in_place: bool = Field(
        True,
        description="decide tasks that are nothing but rendering (Log, Return, OutputValues, Fail) without a worker",
    )
    executor_leases: bool = Field(
        True,
        description="send attempts of light tasks straight to workers, in places that dispatch lends; else dispatch hands out each",
    )
    plugin_path: str = Field(
        "",
        description="folders with installed plugin packages, separated like those in PATH: tells which of their tasks are light",
    )
    executor_worker_group: str = Field("default", description="worker group of tasks that name none")
