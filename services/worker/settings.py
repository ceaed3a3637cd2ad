"""Settings of the worker."""

from __future__ import annotations

import os

from pydantic import Field

from toccata.runtime.settings import CommonSettings


class WorkerSettings(CommonSettings):
    """Prefix ``TOCCATA_`` for what is common, ``TOCCATA_WORKER_`` for its own."""

    worker_group: str = Field("default", min_length=1, description="tasks of this group run here")
    worker_slots: int = Field(128, ge=1, le=10_000, description="attempts accepted at once")
    worker_processes: int = Field(
        default_factory=lambda: 4 * (os.cpu_count() or 1), ge=1, description="script tasks running at once"
    )
    storage_url: str = Field(
        "",
        description="internal storage: a folder or s3://, gs://, az:// URL; default: storage in the data directory",
    )
    plugin_path: str = Field("", description="folders with installed plugin packages, separated as in PATH")

    @property
    def storage_location(self) -> str:
        return self.storage_url or str(self.home / "storage")
