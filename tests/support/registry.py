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
        self.pushed: dict[str, bytes] = {}
        """Manifests that were pushed, by the path of the request."""

    def image(self, url: str) -> str:
        return url.removeprefix("http://") + "/empty:1"

    def __call__(self, got: Got) -> Give:
        if self._closed and got.headers.get("authorization") != f"Basic {self.auth}":
            return Give(401, "{}", {"WWW-Authenticate": 'Basic realm="tests"'})
        if "/manifests/" in got.path and got.method in ("GET", "HEAD") and self._failures:
            self._failures -= 1
            return Give(503, body="{}")
        if got.method in ("HEAD", "POST", "PATCH", "PUT") and got.path != "/v2/":
            return self._taken(got)
        if "/manifests/" in got.path:
            headers = {"Content-Type": self._kind, "Docker-Content-Digest": _digest(self._manifest)}
            return Give(200, self._manifest, headers)
        if "/blobs/" in got.path:
            return Give(
                200, self._blobs[got.path.rpartition("/")[2]], {"Content-Type": "application/octet-stream"}
            )
        return Give(200, body="{}")

    def _taken(self, got: Got) -> Give:
        """A push: it asks which parts are here, sends each that is not, and the manifest at last."""
        uploads = got.path.partition("/blobs/uploads/")[0] + "/blobs/uploads/1"
        match got.method:
            case "HEAD" if "/blobs/" in got.path and got.path.rpartition("/")[2] not in self._blobs:
                return Give(404)
            case "HEAD" if "/manifests/" in got.path:
                return self._described()
            case "HEAD":
                return Give(200)
            case "PUT" if "/manifests/" in got.path:
                self.pushed[got.path] = got.body
                return Give(201, headers={"Docker-Content-Digest": _digest(got.body)})
            case "PUT":
                digest = dict(got.query)["digest"]
                self._blobs[digest] = self._blobs.pop("1", b"") + got.body
                return Give(201, headers={"Docker-Content-Digest": digest, "Location": uploads})
            case "PATCH":
                self._blobs["1"] = got.body
        size = len(self._blobs.get("1", b"")) if got.method == "PATCH" else 1
        return Give(202, headers={"Location": uploads, "Docker-Upload-UUID": "1", "Range": f"0-{size - 1}"})

    def _described(self) -> Give:
        """The head alone of what a GET answers."""
        head = (
            f"HTTP/1.1 200 OK\r\nContent-Type: {self._kind}\r\nContent-Length: {len(self._manifest)}\r\n"
            f"Docker-Content-Digest: {_digest(self._manifest)}\r\nConnection: close\r\n\r\n"
        )
        return Give(raw=head.encode())
