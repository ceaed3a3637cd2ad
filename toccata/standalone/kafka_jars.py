"""Apache Kafka's jars: fetched once from Maven Central, each checked against the shipped sha256 list.

All runs and tests of a user share them. The broker never starts from an unverified file.
"""

import fcntl
import hashlib
import os
import shutil
import ssl
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from toccata.standalone.errors import StandaloneError

KAFKA_VERSION = "4.3.1"
_ENDPOINT = f"org.apache.kafka:kafka_2.13:{KAFKA_VERSION}+org.slf4j:slf4j-simple:1.7.36"
_CHECKSUMS = Path(__file__).with_name("kafka_jars.sha256")
_ADVICE = (
    "Check the network and try again; finished downloads are kept. Behind a proxy, set HTTPS_PROXY, and set\n"
    "REQUESTS_CA_BUNDLE if the proxy has its own certificate authority. To use a mirror of Maven Central, name it as\n"
    "`central` under [repositories] in ~/.config/jgo.conf. Offline, copy a filled ~/.cache/toccata from another\n"
    "machine, or set TOCCATA_KAFKA_BOOTSTRAP_SERVERS to a Kafka of your own."
)

_REPORT_SECONDS = 3.0
_TIMEOUT_SECONDS = 30

Progress = Callable[[str], None]


def cache_directory() -> Path:
    """The folder of downloads that all data directories share."""
    root = os.environ.get("XDG_CACHE_HOME")
    return (Path(root) if root else Path.home() / ".cache") / "toccata"


def checksums() -> dict[str, str]:
    """The sha256 sum of each jar on the class path, by file name."""
    lines = (line.split() for line in _CHECKSUMS.read_text().splitlines() if line)
    return {name: digest for digest, name in lines}


def class_path(cache: Path) -> list[Path]:
    """Where the jars are, whether or not they have been fetched."""
    return [_directory(cache) / name for name in sorted(checksums())]


def jars_are_verified(cache: Path) -> bool:
    """True if every jar is there and has its sha256 sum. Reads 44 MB, so call it in a thread."""
    return not _unverified(_directory(cache), checksums())


def fetch_jars(cache: Path, progress: Progress) -> None:
    """Download what is missing and verify it. Blocks. If several processes ask, one downloads and the others wait."""
    directory = _directory(cache)
    directory.mkdir(parents=True, exist_ok=True)
    with (directory / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not jars_are_verified(cache):
            _fetch(cache, directory, progress)


def _directory(cache: Path) -> Path:
    return cache / f"kafka-{KAFKA_VERSION}"


def _unverified(directory: Path, expected: dict[str, str]) -> list[str]:
    return [name for name, digest in expected.items() if _digest(directory / name) != digest]


def _digest(path: Path) -> str | None:
    if not path.exists():
        return None
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _fetch(cache: Path, directory: Path, progress: Progress) -> None:
    expected = checksums()
    progress(f"Downloading Apache Kafka {KAFKA_VERSION} ({len(expected)} jars, 44 MB, once) ...")
    with _reported(cache / "maven", expected, progress):
        found = _resolve(cache)
    for name, digest in expected.items():
        source = found.get(name)
        if source is None:
            raise StandaloneError(f"{name} is not among the downloaded jars of Kafka.\n{_ADVICE}")
        if _digest(source) != digest:
            raise StandaloneError(
                f"{name} does not have the sha256 sum that Toccata ships, so Kafka was not started.\n"
                f"The download may be broken: delete {cache}, then try again.\n"
                "If it happens again, the repository does not serve the original file."
            )
        temporary = directory / f".{name}.part"
        shutil.copyfile(source, temporary)
        temporary.replace(directory / name)
    for archive in directory.glob("*.aot"):
        # The archive records the jars' modification times, so the JVM would ignore this one for ever.
        archive.unlink()
    for folder in ("envs", "info", "maven"):
        shutil.rmtree(cache / folder, ignore_errors=True)
    progress(f"Apache Kafka {KAFKA_VERSION}: all checksums match.")


@contextmanager
def _reported(repository: Path, expected: dict[str, str], progress: Progress) -> Iterator[None]:
    """Report every few seconds how many jars have arrived, because jgo itself is silent."""
    done = threading.Event()

    def report() -> None:
        while not done.wait(_REPORT_SECONDS):
            arrived = {jar.name for jar in repository.rglob("*.jar")} & expected.keys()
            resolved = sum(1 for _ in repository.rglob("*.pom"))
            progress(f"  {resolved} descriptions read, {len(arrived)} of {len(expected)} jars here")

    reporter = threading.Thread(target=report, daemon=True)
    reporter.start()
    try:
        yield
    finally:
        done.set()
        reporter.join()


def _resolve(cache: Path) -> dict[str, Path]:
    from jgo.config import GlobalSettings
    from jgo.constants import MAVEN_CENTRAL_URL
    from jgo.env import EnvironmentBuilder, LinkStrategy
    from jgo.maven import MavenContext

    # The system's list of certificate authorities, if there is one, has the company's own; certifi's list does not.
    authorities = ssl.get_default_verify_paths().cafile
    if authorities is not None:
        os.environ.setdefault("REQUESTS_CA_BUNDLE", authorities)
    # A temporary repository of our own: its content shows the progress.
    context = MavenContext(
        repo_cache=cache / "maven",
        remote_repos={"central": MAVEN_CENTRAL_URL, **GlobalSettings.load().repositories},
        timeout=_TIMEOUT_SECONDS,
    )
    builder = EnvironmentBuilder(context=context, cache_dir=cache, link_strategy=LinkStrategy.AUTO)
    try:
        environment = builder.from_endpoint(_ENDPOINT)
    except Exception as error:
        # jgo lets the errors of its HTTP client and parsers through. They share no other ancestor.
        raise StandaloneError(
            f"Apache Kafka {KAFKA_VERSION} could not be downloaded: {error}\n{_ADVICE}"
        ) from error
    # jgo puts modular jars into `modules` and others into `jars`. The class path makes no difference.
    folders = (environment.path / "jars", environment.path / "modules")
    return {jar.name: jar for folder in folders if folder.exists() for jar in folder.iterdir()}


def main() -> int:
    """Runs as its own process, so that Ctrl-C during the download takes effect at once."""

    def say(text: str) -> None:
        sys.stdout.write(f"{text}\n")
        sys.stdout.flush()

    try:
        fetch_jars(Path(sys.argv[1]), say)
    except StandaloneError as error:
        say(str(error))
        return 1
    except OSError as error:
        say(
            f"Apache Kafka cannot be kept in {sys.argv[1]}: {error.filename or ''} {error.strerror or error}.\n"
            "Make that folder writable with 100 MB of free space, set XDG_CACHE_HOME to another folder, or set\n"
            "TOCCATA_KAFKA_BOOTSTRAP_SERVERS to a Kafka of your own."
        )
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
