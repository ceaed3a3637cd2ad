"""``toccata settings …``."""

from __future__ import annotations

from toccata.cli.option import group

app = group("Settings of this environment: check.")


@app.command("check")
def check_settings() -> None:
    """Say what is wrong with the settings, before a service finds out. Asks no server."""
    from toccata.cli import setting

    setting.check()
