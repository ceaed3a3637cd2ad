"""Settings of the worker."""

from __future__ import annotations

import os

from pydantic import Field

from toccata.runtime.settings import CommonSettings


class WorkerSettings(CommonSettings):
    """Settings shared with other services begin with ``TOCCATA_``, the worker's own with ``TOCCATA_WORKER_``."""

    worker_group: str = Field("default", min_length=1, description="worker group whose tasks run here")
    worker_slots: int = Field(128, ge=1, le=10_000, description="attempts accepted at once")
    worker_processes: int = Field(
        default_factory=lambda: 4 * (os.cpu_count() or 1), ge=1, description="script tasks that run at once"
    )
    storage_url: str = Field(
        "",
        description="internal storage: a folder, or a URL with s3://, gs:// or az://; the default is the folder storage in the data directory",
    )
    plugin_path: str = Field(
        "", description="folders with installed plugin packages, separated like those in PATH"
    )

    @property
    def storage_location(self) -> str:
        return self.storage_url or str(self.home / "storage")
