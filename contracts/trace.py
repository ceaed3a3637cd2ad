"""The trace that an execution belongs to: the W3C header ``traceparent``, also an extension of CloudEvents.

Source: W3C Trace Context, section 3.2; CloudEvents "Distributed Tracing extension".
"""

from __future__ import annotations

import re

TRACE_HEADER = "traceparent"
_VERSION_0 = re.compile(r"00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")


def trace_parent(text: str | None) -> str | None:
    """Return the value if it is valid. As the specification asks, another value is ignored and not an error."""
    return text if text and _VERSION_0.fullmatch(text) else None
