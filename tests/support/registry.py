"""An image registry for tests, with one image that has nothing in it."""

from __future__ import annotations

import base64
import gzip
import hashlib
import io
import json
import tarfile

from tests.support.http_server import Give, Got


def _digest(content: bytes) -> str:
    return "sha256:" + hashlib.sha256(content).hexdigest()


class Registry:
    """Answers as the interface of registries (version 2) says. ``failures``: so many manifests it answers with 503."""

    def __init__(self, username: str = "", password: str = "", failures: int = 0) -> None:
        self.auth = base64.b64encode(f"{username}:{password}".encode()).decode()
        self._closed = bool(username)
        self._failures = failures
        plain = io.BytesIO()
        with tarfile.open(fileobj=plain, mode="w") as tar:
            empty = tarfile.TarInfo("empty")
            tar.addfile(empty)
        layer = gzip.compress(plain.getvalue(), mtime=0)
        config = json.dumps(
            {
                "architecture": "amd64",
                "os": "linux",
                "config": {},
                "rootfs": {"type": "layers", "diff_ids": [_digest(plain.getvalue())]},
            }
        ).encode()
        kind = "application/vnd.docker.distribution.manifest.v2+json"
        self._manifest = json.dumps(
            {
                "schemaVersion": 2,
                "mediaType": kind,
                "config": {
                    "mediaType": "application/vnd.docker.container.image.v1+json",
                    "size": len(config),
                    "digest": _digest(config),
                },
                "layers": [
                    {
                        "mediaType": "application/vnd.docker.image.rootfs.diff.tar.gzip",
                        "size": len(layer),
                        "digest": _digest(layer),
                    }
                ],
            }
        ).encode()
        self._kind = kind
        self._blobs = {_digest(each): each for each in (layer, config)}

    def image(self, url: str) -> str:
        return url.removeprefix("http://") + "/empty:1"

    def __call__(self, got: Got) -> Give:
        if self._closed and got.headers.get("authorization") != f"Basic {self.auth}":
            return Give(401, "{}", {"WWW-Authenticate": 'Basic realm="tests"'})
        if "/manifests/" in got.path:
            if self._failures:
                self._failures -= 1
                return Give(503, body="{}")
            headers = {"Content-Type": self._kind, "Docker-Content-Digest": _digest(self._manifest)}
            return Give(200, self._manifest, headers)
        if "/blobs/" in got.path:
            return Give(
                200, self._blobs[got.path.rpartition("/")[2]], {"Content-Type": "application/octet-stream"}
            )
        return Give(200, body="{}")
