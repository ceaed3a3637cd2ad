"""Writes ``services/web/openapi.json``. With ``--check``, only says whether the file is old."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import orjson

from services.web.document.build import build

FILE = Path(__file__).parents[1] / "openapi.json"


def text() -> bytes:
    return orjson.dumps(build(), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m services.web.document", description=__doc__)
    parser.add_argument("--check", action="store_true", help="change nothing; exit code 1 if it is old")
    if parser.parse_args().check:
        if FILE.exists() and FILE.read_bytes() == text():
            return 0
        sys.stderr.write("services/web/openapi.json is old: run `python -m services.web.document`\n")
        return 1
    FILE.write_bytes(text())
    return 0


if __name__ == "__main__":
    sys.exit(main())
