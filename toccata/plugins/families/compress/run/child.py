"""The process that compresses, decompresses, packs or unpacks."""

from __future__ import annotations

import errno
import json
import resource
from typing import Any

from toccata.child import serve
from toccata.plugins.families.compress.run.archive import pack, unpack
from toccata.plugins.families.compress.run.codec import Bad, compress, decompress

MOST_BYTES = 64 * 1024**3
"""Of one file."""
_WORKS = {"compress": compress, "decompress": decompress, "pack": pack, "unpack": unpack}


def work(line: bytes) -> bytes:
    job: dict[str, Any] = json.loads(line)
    try:
        answer = _WORKS[job["work"]](job)
    except Bad as failure:
        answer = {"failure": str(failure)}
    except OSError as failure:
        too_large = failure.errno == errno.EFBIG
        reason = (
            f"more than {MOST_BYTES // 1024**3} GB are in it" if too_large else failure.strerror or failure
        )
        answer = {"failure": f"the file cannot be written: {reason}"}
    return json.dumps(answer).encode()


def main() -> None:
    # A small file may hold an endless one. The system refuses to write more, which is an OSError.
    resource.setrlimit(resource.RLIMIT_FSIZE, (MOST_BYTES, MOST_BYTES))
    serve(work)


if __name__ == "__main__":
    main()
