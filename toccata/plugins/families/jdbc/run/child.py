"""The process that runs one job of a database that is no server."""

from __future__ import annotations

import msgspec

from toccata.child import serve
from toccata.plugins.families.jdbc.run.engine import carried_out
from toccata.plugins.families.jdbc.run.failure import SqlFailed
from toccata.plugins.families.jdbc.run.job import Done, Failed, Job
from toccata.plugins.families.jdbc.run.session import Session


def answered(job: Job, session: Session) -> Done | Failed:
    """Raises ModuleNotFoundError if the driver's library is not installed."""
    try:
        done = carried_out(job, session)
    except SqlFailed as failure:
        return Failed(message=str(failure), notes=session.notes)
    return msgspec.structs.replace(done, notes=session.notes)


def encode(answer: Done | Failed) -> bytes:
    kind = b"done " if isinstance(answer, Done) else b"failed "
    return kind + msgspec.json.Encoder(decimal_format="number").encode(answer)


def main() -> None:
    session = Session()

    def work(line: bytes) -> bytes:
        return encode(answered(msgspec.json.decode(line, type=Job), session))

    serve(work, session.stop)


if __name__ == "__main__":
    main()
