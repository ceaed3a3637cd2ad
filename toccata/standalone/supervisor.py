"""Standalone: starts the embedded servers, the topics and one of each service, and keeps them alive until it is stopped.

It knows nothing of what the services do. They run the same under any other supervisor.
"""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Mapping
from pathlib import Path

from toccata.runtime.address import is_loopback
from toccata.runtime.credential import DEFAULT_USERNAME, sign_in_problems
from toccata.runtime.privacy import private_folder
from toccata.runtime.variables import variables
from toccata.standalone.child import Output
from toccata.standalone.disk import disk_problem, require_space
from toccata.standalone.encryption_key import VARIABLE, kept_key
from toccata.standalone.environment import confidential, public
from toccata.standalone.errors import StandaloneError
from toccata.standalone.home import locked_home
from toccata.standalone.kafka import EmbeddedKafka
from toccata.standalone.kafka_users import remembered_users
from toccata.standalone.port import LOOPBACK, is_free, remembered_ports
from toccata.standalone.postgres import EmbeddedPostgres
from toccata.standalone.service import SERVICES, ServiceProcess, ServiceSpec
from toccata.standalone.settings import StandaloneSettings
from toccata.standalone.sign_in import own_sign_ins
from toccata.standalone.system import System
from toccata.standalone.terminal import Terminal
from toccata.standalone.web_sign_in import SignIn, kept_sign_in


def run_standalone(settings: StandaloneSettings, terminal: Terminal | None = None) -> int:
    """Run everything until SIGINT or SIGTERM, then drain. Gives the exit code."""
    terminal = terminal or Terminal()
    home = settings.home.absolute()
    try:
        with locked_home(home):
            return asyncio.run(_run(settings, home, terminal))
    except StandaloneError as error:
        terminal.say(f"Toccata: {error}")
    except OSError as error:
        terminal.say(f"Toccata: {disk_problem(error, home)}")
    return 1


async def _run(settings: StandaloneSettings, home: Path, terminal: Terminal) -> int:
    stop, hurry = asyncio.Event(), asyncio.Event()

    def told() -> None:
        if stop.is_set():
            hurry.set()
        stop.set()

    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, told)
    system = _system(settings, home, terminal)
    serving = asyncio.ensure_future(system.serve())
    told_to_stop = asyncio.ensure_future(stop.wait())
    await asyncio.wait({serving, told_to_stop}, return_when=asyncio.FIRST_COMPLETED)
    told_to_stop.cancel()
    serving.cancel()
    await asyncio.wait({serving})
    failure = None if serving.cancelled() else serving.exception()
    terminal.say("Stopping; press Ctrl-C again to stop at once ..." if failure is None else "Stopping ...")
    await system.drain(hurry)
    if failure is not None:
        raise _reason(failure)
    terminal.say("Stopped. All data is kept.")
    return 0


def _database_password(settings: StandaloneSettings, given: Mapping[str, str]) -> str:
    return settings.database_password.get_secret_value() or given.get("PGPASSWORD", "")


def _reason(failure: BaseException) -> BaseException:
    """The failure of a group that a person should read."""
    if isinstance(failure, BaseExceptionGroup):
        known = failure.subgroup(StandaloneError) or failure.subgroup(OSError)
        return _reason((known or failure).exceptions[0])
    return failure


def _system(settings: StandaloneSettings, home: Path, terminal: Terminal) -> System:
    """Choose all addresses, and start nothing yet."""
    sign_in, is_kept = _sign_in(settings, home)
    if not is_free(settings.web_port):
        raise StandaloneError(
            f"Port {settings.web_port} of {LOOPBACK} is taken. Set TOCCATA_WEB_PORT to another one."
        )
    private_folder(home / "log")
    kafka, postgres, users = None, None, None
    if not (settings.kafka_bootstrap_servers and settings.database_url.get_secret_value()):
        require_space(home)
    if not settings.kafka_bootstrap_servers:
        users = remembered_users(home / "kafka", settings.kafka_topic_prefix)
        kafka = EmbeddedKafka(
            home / "kafka",
            settings.kafka_port,
            users=users,
            output=Output(home / "log" / "kafka.log"),
            progress=terminal.say,
        )
    database_url = settings.database_url.get_secret_value()
    if not database_url:
        postgres = EmbeddedPostgres(
            home / "postgres", settings.postgres_port, output=Output(home / "log" / "postgres.log")
        )
        database_url = postgres.url
    bootstrap = kafka.address if kafka is not None else settings.kafka_bootstrap_servers
    fresh = kafka is not None and not kafka.has_data
    terminal.say(f"Starting Toccata in {home}{' for the first time' if fresh else ''} ...")
    ports = remembered_ports(home / "ports.json", dict.fromkeys(SERVICES))
    given = variables()
    common = {
        **given,
        "TOCCATA_HOME": str(home),
        "TOCCATA_KAFKA_BOOTSTRAP_SERVERS": bootstrap,
        "TOCCATA_DATABASE_URL": database_url,
        "TOCCATA_DATABASE_PASSWORD": "" if postgres is not None else _database_password(settings, given),
        "TOCCATA_WEB_PORT": str(settings.web_port),
        "TOCCATA_WEB_PUBLIC_URL": settings.public_url,
        "TOCCATA_AUTH_USERNAME": sign_in.username,
        "TOCCATA_AUTH_PASSWORD": sign_in.password,
        VARIABLE: kept_key(home, given),
        "TOCCATA_DRAIN_SECONDS": str(settings.drain_seconds),
        "TOCCATA_WORKER_HTTP_REACH": given.get("TOCCATA_WORKER_HTTP_REACH") or _http_reach(settings),
        # A machine without an engine still runs every flow; a warning says what ran where.
        "TOCCATA_WORKER_CONTAINERS": given.get("TOCCATA_WORKER_CONTAINERS") or "preferred",
    }
    own = {name: own_sign_ins(name, users, bootstrap, postgres) for name in SERVICES}
    specs = [
        ServiceSpec(
            name,
            Output(home / "log" / f"{name}.log", terminal.heard),
            ports[name],
            {
                **public(common | own[name]),
                "TOCCATA_HEALTH_PORT": str(ports[name]),
                "TOCCATA_INSTANCE": f"{name}-1",
            },
            confidential(name, common | own[name]),
        )
        for name in SERVICES
    ]
    services = [ServiceProcess(spec) for spec in specs]
    return System(
        settings, home, terminal, kafka, postgres, bootstrap, database_url, services, sign_in, is_kept, users
    )


def _http_reach(settings: StandaloneSettings) -> str:
    """Where HTTP requests of flows may go. As long as only this machine reaches web, nobody else writes flows."""
    return "all" if is_loopback(settings.web_host) else "public"


def _sign_in(settings: StandaloneSettings, home: Path) -> tuple[SignIn, bool]:
    """The sign-in, and whether it is the one that the data directory keeps."""
    password, given = (
        settings.auth_password.get_secret_value(),
        settings.auth_password_hash.get_secret_value(),
    )
    is_kept = not (password or given)
    if is_kept:
        sign_in = kept_sign_in(home, settings.auth_username)
    else:
        sign_in = SignIn(settings.auth_username or DEFAULT_USERNAME, password)
    problems = sign_in_problems(sign_in.username, sign_in.password, settings.web_host, given)
    if problems:
        raise StandaloneError(f"{'; '.join(problems)}.")
    return sign_in, is_kept
