"""Says why Kafka cannot be reached. Its client gives the same error for a wrong name, port and protocol."""

from __future__ import annotations

import socket

from toccata.cli.errors import CommandError
from toccata.runtime.errors import ToccataError
from toccata.runtime.settings import KafkaSettings

_SECONDS = 3.0
_START = "Start it (`toccata standalone` has one), or set TOCCATA_KAFKA_BOOTSTRAP_SERVERS, or --kafka, to where it runs."


def kafka_away(kafka: KafkaSettings, error: ToccataError) -> CommandError:
    reason, advice = why_away(kafka, error)
    return CommandError(f"Kafka cannot be reached at {kafka.bootstrap_servers}: {reason}.", advice)


def why_away(kafka: KafkaSettings, error: ToccataError) -> tuple[str, str]:
    """The reason and what to do. Tries to connect to the first of its addresses."""
    host, _, port = kafka.bootstrap_servers.split(",")[0].strip().rpartition(":")
    if not host or not port.isdigit():
        return "that is no host:port", "Set TOCCATA_KAFKA_BOOTSTRAP_SERVERS, or --kafka, to host:port."
    try:
        with socket.create_connection((host.strip("[]"), int(port)), _SECONDS):
            pass
    except socket.gaierror:
        return "that name is not known", "Check the host in TOCCATA_KAFKA_BOOTSTRAP_SERVERS, or --kafka."
    except (OSError, OverflowError) as refused:
        return getattr(refused, "strerror", None) or "it does not answer", _START
    return (
        f"the server there does not answer like Kafka over {kafka.security_protocol} ({error})",
        "If it is Kafka, check TOCCATA_KAFKA_SECURITY_PROTOCOL and what belongs to it; and see its log.",
    )
