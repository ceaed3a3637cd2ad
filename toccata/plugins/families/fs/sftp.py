"""``fs.sftp.*``"""

from __future__ import annotations

from toccata.plugin import Properties, Secret, dynamic
from toccata.plugins.families.fs import actions
from toccata.plugins.families.fs.actions import over, watching

_SIGN_IN = 'host: files.example.com\nport: "22"\nusername: bot\npassword: "{{ secret(\'FILES\') }}"\n'
_EXTRA = "toccata[ssh]"
_NO_PROXY = "not supported: a task with a proxy fails"


class Sftp(Properties):
    """How to reach the server."""

    host: str = dynamic(doc="name or address of the server")
    port: int = dynamic(22, doc="its port", ge=1, le=65_535)
    username: str | None = dynamic(None, doc="user")
    password: Secret | None = dynamic(None, doc="password")
    keyfile: Secret | None = dynamic(None, doc="private key, as text in PEM or in OpenSSH's form")
    passphrase: Secret | None = dynamic(None, doc="passphrase of the key")
    root_dir: bool = dynamic(
        default=True, doc="paths begin in the user's own folder; false: they are paths of the server"
    )
    key_exchange_algorithm: str | None = dynamic(
        None, doc="only these ways to exchange keys, separated by commas"
    )
    enable_ssh_rsa1: bool = dynamic(
        default=False, ignored="signatures with SHA-1 are broken, and the library has none"
    )
    proxy_host: str | None = dynamic(None, doc=_NO_PROXY)
    proxy_address: str | None = dynamic(None, doc=_NO_PROXY)
    proxy_port: str | None = dynamic(None, doc=_NO_PROXY)
    proxy_user: str | None = dynamic(None, doc=_NO_PROXY)
    proxy_username: str | None = dynamic(None, doc=_NO_PROXY)
    proxy_password: Secret | None = dynamic(None, doc=_NO_PROXY)
    proxy_type: str | None = dynamic(None, doc=_NO_PROXY)


class Download(Sftp, actions.Download):
    """Downloads a file into internal storage."""


class Downloads(Sftp, actions.Downloads):
    """Downloads the chosen files of a folder, and then moves or deletes them if wanted."""


class ListFiles(Sftp, actions.Listing):
    """Lists the chosen files of a folder."""


class Upload(Sftp, actions.Upload):
    """Uploads a file. Folders on the way are created."""


class Uploads(Sftp, actions.Uploads):
    """Uploads several files into a folder."""


class Move(Sftp, actions.Move):
    """Moves or renames a file or folder. Folders on the way are created."""


class Delete(Sftp, actions.Delete):
    """Deletes a file, a folder, or chosen files of a folder."""


class Trigger(Sftp, actions.Watching):
    """Watches a folder, and starts an execution with the files that are new or changed."""


DOWNLOAD = over("sftp", Download, _SIGN_IN, _EXTRA)
DOWNLOADS = over("sftp", Downloads, _SIGN_IN, _EXTRA)
LIST = over("sftp", ListFiles, _SIGN_IN, _EXTRA)
UPLOAD = over("sftp", Upload, _SIGN_IN, _EXTRA)
UPLOADS = over("sftp", Uploads, _SIGN_IN, _EXTRA)
MOVE = over("sftp", Move, _SIGN_IN, _EXTRA)
DELETE = over("sftp", Delete, _SIGN_IN, _EXTRA)
TRIGGER = watching("sftp", Trigger, _SIGN_IN, _EXTRA)
