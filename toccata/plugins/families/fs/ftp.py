"""``fs.ftp.*`` and ``fs.ftps.*``"""

from __future__ import annotations

from typing import Literal

from toccata.plugin import Duration, Properties, Secret, dynamic
from toccata.plugins.families.fs import actions
from toccata.plugins.families.fs.actions import over, watching

_SIGN_IN = 'host: files.example.com\nport: "21"\nusername: bot\npassword: "{{ secret(\'FILES\') }}"\n'
_NO_PROXY = "not supported: a task with a proxy fails"
_HALF_MINUTE = "PT30S"


class Options(Properties):
    """Limits of time."""

    connection_timeout: Duration = dynamic(_HALF_MINUTE, doc="for a connection", validate_default=True)
    data_timeout: Duration = dynamic(_HALF_MINUTE, doc="for the next bytes of a file", validate_default=True)
    socket_timeout: Duration = dynamic(
        _HALF_MINUTE, doc="for the next answer of the server", validate_default=True
    )
    control_keep_alive_timeout: Duration = dynamic(
        _HALF_MINUTE, ignored="the connection for commands is not kept alive", validate_default=True
    )
    control_keep_alive_reply_timeout: Duration = dynamic(
        _HALF_MINUTE, ignored="the connection for commands is not kept alive", validate_default=True
    )


class Ftp(Properties):
    """How to reach the server."""

    host: str = dynamic(doc="name or address of the server")
    port: int = dynamic(21, doc="its port", ge=1, le=65_535)
    username: str | None = dynamic(None, doc="user; without one, `anonymous`")
    password: Secret | None = dynamic(None, doc="password")
    root_dir: bool = dynamic(
        default=True, doc="paths begin in the user's own folder; false: they are paths of the server"
    )
    passive_mode: bool = dynamic(
        default=True, doc="the worker opens the connections for files, and not the server"
    )
    remote_ip_verification: bool = dynamic(
        default=True, doc="files come from the server's own address, whatever it says"
    )
    options: Options = dynamic(Options(), doc="limits of time")
    enable_ssh_rsa1: bool = dynamic(default=False, ignored="it is for SFTP")
    proxy_host: str | None = dynamic(None, doc=_NO_PROXY)
    proxy_port: str | None = dynamic(None, doc=_NO_PROXY)
    proxy_type: str | None = dynamic(None, doc=_NO_PROXY)


class Ftps(Ftp):
    port: int = dynamic(990, doc="its port", ge=1, le=65_535)
    mode: Literal["EXPLICIT", "IMPLICIT"] = dynamic(
        "EXPLICIT", doc="EXPLICIT: TLS begins with a command; IMPLICIT: with the connection"
    )
    data_channel_protection_level: Literal["C", "S", "E", "P"] = dynamic(
        "P", doc="P: files are encrypted, too; C: only commands are. Servers have no S and E"
    )
    insecure_trust_all_certificates: bool | None = dynamic(
        None, doc="true: any certificate is accepted, so anybody on the way can read and change everything"
    )


class Download(Ftp, actions.Download):
    """Downloads a file into internal storage."""


class Downloads(Ftp, actions.Downloads):
    """Downloads the chosen files of a folder, and then moves or deletes them if wanted."""


class ListFiles(Ftp, actions.Listing):
    """Lists the chosen files of a folder."""


class Upload(Ftp, actions.Upload):
    """Uploads a file. Folders on the way are created."""


class Uploads(Ftp, actions.Uploads):
    """Uploads several files into a folder."""


class Move(Ftp, actions.Move):
    """Moves or renames a file or folder. Folders on the way are created."""


class Delete(Ftp, actions.Delete):
    """Deletes a file, a folder, or chosen files of a folder."""


class Trigger(Ftp, actions.Watching):
    """Watches a folder, and starts an execution with the files that are new or changed."""


class SafeTrigger(Ftps, actions.Watching):
    """Watches a folder, and starts an execution with the files that are new or changed."""


class SafeDownload(Ftps, actions.Download):
    """Downloads a file into internal storage."""


class SafeDownloads(Ftps, actions.Downloads):
    """Downloads the chosen files of a folder, and then moves or deletes them if wanted."""


class SafeListFiles(Ftps, actions.Listing):
    """Lists the chosen files of a folder."""


class SafeUpload(Ftps, actions.Upload):
    """Uploads a file. Folders on the way are created."""


class SafeUploads(Ftps, actions.Uploads):
    """Uploads several files into a folder."""


class SafeMove(Ftps, actions.Move):
    """Moves or renames a file or folder. Folders on the way are created."""


class SafeDelete(Ftps, actions.Delete):
    """Deletes a file, a folder, or chosen files of a folder."""


DOWNLOAD = over("ftp", Download, _SIGN_IN)
DOWNLOADS = over("ftp", Downloads, _SIGN_IN)
LIST = over("ftp", ListFiles, _SIGN_IN)
UPLOAD = over("ftp", Upload, _SIGN_IN)
UPLOADS = over("ftp", Uploads, _SIGN_IN)
MOVE = over("ftp", Move, _SIGN_IN)
DELETE = over("ftp", Delete, _SIGN_IN)
SAFE_DOWNLOAD = over("ftps", SafeDownload, _SIGN_IN)
SAFE_DOWNLOADS = over("ftps", SafeDownloads, _SIGN_IN)
SAFE_LIST = over("ftps", SafeListFiles, _SIGN_IN)
SAFE_UPLOAD = over("ftps", SafeUpload, _SIGN_IN)
SAFE_UPLOADS = over("ftps", SafeUploads, _SIGN_IN)
SAFE_MOVE = over("ftps", SafeMove, _SIGN_IN)
SAFE_DELETE = over("ftps", SafeDelete, _SIGN_IN)
TRIGGER = watching("ftp", Trigger, _SIGN_IN)
SAFE_TRIGGER = watching("ftps", SafeTrigger, _SIGN_IN)
