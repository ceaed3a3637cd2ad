"""Apache Kafka's jars: fetched once through Maven's own protocol, each checked against the shipped sha256 list.

Runs and tests of one user share them; nothing unverified is ever put where the broker starts from.
"""

import fcntl
import hashlib
import os
import shutil
from collections.abc import Callable
from pathlib import Path

from services.standalone.errors import StandaloneError

KAFKA_VERSION = "4.3.1"
_ENDPOINT = f"org.apache.kafka:kafka_2.13:{KAFKA_VERSION}+org.slf4j:slf4j-simple:1.7.36"
_CHECKSUMS = Path(__file__).with_name("kafka_jars.sha256")
_ADVICE = (
    "Check the network and try again: what has arrived is kept. Behind a proxy, set HTTPS_PROXY; for a mirror of\n"
    "Maven Central, name it as `central` under [repositories] in ~/.config/jgo.conf; offline, copy a filled\n"
    "~/.cache/toccata from another machine, or set TOCCATA_KAFKA_BOOTSTRAP_SERVERS to a Kafka that runs already."
)

Progress = Callable[[str], None]


def cache_directory() -> Path:
    """Where downloads that every data directory shares are kept."""
    root = os.environ.get("XDG_CACHE_HOME")
    return (Path(root) if root else Path.home() / ".cache") / "toccata"


def checksums() -> dict[str, str]:
    """The sha256 sum of each jar that the class path is made of, by file name."""
    lines = (line.split() for line in _CHECKSUMS.read_text().splitlines() if line)
    return {name: digest for digest, name in lines}


def kafka_jars(cache: Path, progress: Progress) -> list[Path]:
    """The class path, verified; blocks while it downloads. One process does it, others wait for that one."""
    expected = checksums()
    directory = cache / f"kafka-{KAFKA_VERSION}"
    directory.mkdir(parents=True, exist_ok=True)
    with (directory / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if _unverified(directory, expected):
            _fetch(cache, directory, expected, progress)
    return [directory / name for name in sorted(expected)]


def _unverified(directory: Path, expected: dict[str, str]) -> list[str]:
    return [name for name, digest in expected.items() if _digest(directory / name) != digest]


def _digest(path: Path) -> str | None:
    if not path.exists():
        return None
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _fetch(cache: Path, directory: Path, expected: dict[str, str], progress: Progress) -> None:
    progress(f"Downloading Apache Kafka {KAFKA_VERSION} ({len(expected)} jars, 44 MB, once) ...")
    found = _resolve(cache)
    for name, digest in expected.items():
        source = found.get(name)
        if source is None:
            raise StandaloneError(f"{name} is not among the downloaded jars of Kafka.\n{_ADVICE}")
        if _digest(source) != digest:
            real = source.resolve()
            # The file in Maven's local repository is the one to distrust: leaving it would repeat this for ever.
            raise StandaloneError(
                f"{name} does not have the sha256 sum that Toccata ships, so Kafka was not started.\n"
                f"It may be a broken download: delete {real.parent} and {cache / 'envs'}, then try again. If it\n"
                "happens again, the repository that it comes from does not serve the original file."
            )
        temporary = directory / f".{name}.part"
        shutil.copyfile(source, temporary)
        temporary.replace(directory / name)
    for archive in directory.glob("*.aot"):
        # It names the jars' times of change, so it would be ignored, and kept, for ever.
        archive.unlink()
    shutil.rmtree(cache / "envs", ignore_errors=True)
    progress(f"Apache Kafka {KAFKA_VERSION}: all checksums match.")


def _resolve(cache: Path) -> dict[str, Path]:
    import jgo
    from jgo.config import GlobalSettings

    try:
        environment = jgo.build(_ENDPOINT, cache_dir=cache, repositories=GlobalSettings.load().repositories)
    except Exception as error:
        # jgo raises what its HTTP client and parsers raise: no common ancestor but this one.
        raise StandaloneError(
            f"Apache Kafka {KAFKA_VERSION} could not be downloaded: {error}\n{_ADVICE}"
        ) from error
    # A modular jar is put into `modules`, any other into `jars`; on a class path they are the same.
    folders = (environment.path / "jars", environment.path / "modules")
    return {jar.name: jar for folder in folders if folder.exists() for jar in folder.iterdir()}
