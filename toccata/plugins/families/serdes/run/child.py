"""The process that converts one file."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

import msgspec

from toccata.child import serve
from toccata.plugins.families.serdes.run.report import Bad, Report
from toccata.rows.read import NotRows


def work(line: bytes) -> bytes:
    job = msgspec.json.decode(line)
    module, _, name = job["conversion"].partition(":")
    function = getattr(import_module(f"toccata.plugins.families.serdes.run.{module}"), name)
    report = Report(job["options"].get("on_bad_lines", "ERROR"))
    answer: dict[str, Any] = {"notes": report.notes, "titles": report.titles}
    try:
        answer["size"] = function(Path(job["source"]), Path(job["target"]), job["options"], report)
    except Bad as failure:
        answer["failure"] = str(failure)
    except NotRows as failure:
        answer["failure"] = f"from: {failure}"
    except LookupError as failure:
        if "unknown encoding" not in str(failure):
            raise
        answer["failure"] = f"charset `{job['options']['charset']}` is not known: write one such as UTF-8"
    except UnicodeError as failure:
        answer["failure"] = f"the file is not in charset {job['options'].get('charset', 'UTF-8')}: {failure}"
    except OSError as failure:
        answer["failure"] = f"the file cannot be written: {failure.strerror or failure}"
    return msgspec.json.encode(answer)


if __name__ == "__main__":
    serve(work)
