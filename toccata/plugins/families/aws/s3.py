"""``aws.s3.*``"""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from pydantic import BaseModel, Field

from toccata.plugin import (
    Data,
    Properties,
    Secret,
    TypeGroup,
    WatchedProperties,
    dynamic,
    static,
)
from toccata.plugins.families.aws.connection import SIGN_IN, Connection

_NAME = "io.kestra.plugin.aws.s3"
_RUN = "toccata.plugins.families.aws.run.s3"
_EXTRA = "toccata[aws]"
_OWNER = "account that must own the bucket; otherwise the request fails"
_PAGE = "names that one request asks for; all pages are read"


class OfBucket(Connection):
    bucket: str = dynamic(doc="the bucket")
    request_payer: str | None = dynamic(None, doc="`requester`: you pay for the request")


class Chosen(OfBucket):
    """Which objects are meant."""

    prefix: str | None = dynamic(None, doc="only keys that begin so")
    delimiter: str | None = dynamic(
        None, doc="keys that have this text behind the prefix are left out; `/`: no subfolders"
    )
    marker: str | None = dynamic(None, doc="only keys that come after this one")
    encoding_type: str | None = dynamic(None, ignored="keys are decoded whatever the service sends")
    max_keys: int = dynamic(1000, doc=_PAGE, ge=1, le=1000)
    expected_bucket_owner: str | None = dynamic(None, doc=_OWNER)
    regexp: str | None = dynamic(None, doc="only keys that match as a whole")


class Filtered(Chosen):
    filter: Literal["FILES", "DIRECTORY", "BOTH"] = dynamic(
        "BOTH", doc="DIRECTORY: keys that end with `/`; FILES: all others"
    )


class Upload(OfBucket):
    """Uploads one file or several. Of several, `key` is the folder."""

    from_: Data = dynamic(alias="from", doc="URI of a file, a list of URIs, or a map of names and URIs")
    key: str = dynamic(doc="key of the object; with several files, their folder")
    metadata: dict[str, str] = dynamic({}, doc="values kept with the object")
    cache_control: str | None = dynamic(None, doc="header Cache-Control of the object")
    content_type: str | None = dynamic(None, doc="media type of the object")
    content_encoding: str | None = dynamic(None, doc="header Content-Encoding of the object")
    content_disposition: str | None = dynamic(None, doc="header Content-Disposition of the object")
    content_language: str | None = dynamic(None, doc="header Content-Language of the object")
    content_length: int | None = dynamic(None, ignored="the length of the file is sent")
    expires: str | None = dynamic(None, doc="time after which caches forget the object, in ISO 8601")
    acl: str | None = dynamic(None, doc="a canned access list, such as `public-read`")
    storage_class: str | None = dynamic(None, doc="such as `STANDARD_IA`")
    server_side_encryption: str | None = dynamic(None, doc="`AES256`, `AWS_KMS` or `AWS_KMS_DSSE`")
    bucket_key_enabled: bool | None = dynamic(None, doc="use the bucket's own key for encryption")
    checksum_algorithm: Literal["CRC32", "CRC32_C", "CRC32C", "CRC64NVME", "SHA1", "SHA256"] | None = dynamic(
        None, doc="checksum that the service verifies and keeps"
    )
    checksum: str | None = dynamic(
        None, doc="its value in base64, if known; the upload fails if the file has another"
    )
    expected_bucket_owner: str | None = dynamic(None, doc=_OWNER)
    object_lock_mode: str | None = dynamic(None, doc="`GOVERNANCE` or `COMPLIANCE`")
    object_lock_legal_hold_status: str | None = dynamic(None, doc="`ON` or `OFF`")
    object_lock_retain_until_date: str | None = dynamic(None, doc="end of the lock, in ISO 8601")
    tagging: dict[str, str] = dynamic({}, doc="tags of the object")
    concurrent_uploads: int = dynamic(
        50, ignored="files are uploaded one after the other, each in parts at the same time"
    )


class Download(Chosen):
    """Downloads an object, or those that `prefix`, `delimiter` or `regexp` choose."""

    key: str | None = dynamic(None, doc="key of one object")
    version_id: str | None = dynamic(None, doc="version of that object; without it, the latest")
    max_files: int = dynamic(25, doc="most objects that are downloaded", ge=1)
    validate_checksum: bool = dynamic(
        default=False, doc="compare each object with the checksum that the service keeps"
    )


class CopyObject(Properties):
    bucket: str = dynamic(doc="the bucket")
    key: str = dynamic(doc="key of the object")
    server_side_encryption: Literal["NONE", "AES256", "AWS_KMS"] | None = dynamic(
        None, doc="encryption of the new object"
    )
    kms_key_id: str | None = dynamic(None, doc="key for AWS_KMS")


class CopyObjectFrom(CopyObject):
    version_id: str | None = dynamic(None, doc="version of the object")


class Downloads(Filtered):
    """Downloads the chosen objects, and then moves or deletes them if wanted."""

    action: Literal["MOVE", "DELETE", "NONE"] = dynamic(doc="what becomes of the objects")
    move_to: CopyObject | None = dynamic(None, doc="with MOVE: bucket and folder (`key`) of the objects")
    max_files: int = dynamic(25, doc="most objects that are downloaded", ge=1)
    validate_checksum: bool = dynamic(
        default=False, doc="compare each object with the checksum that the service keeps"
    )


class Trigger(Filtered, WatchedProperties):
    """Watches a bucket, and starts an execution with the objects that are new or changed."""

    validate_checksum: ClassVar[bool] = False
    action: Literal["MOVE", "DELETE", "NONE"] = dynamic(doc="what becomes of an object after it was copied")
    move_to: CopyObject | None = dynamic(None, doc="with MOVE: bucket and folder (`key`) of the objects")


class ListObjects(Filtered):
    """Lists the chosen objects."""

    max_files: int = dynamic(25, doc="most objects that are listed", ge=1)


class Copy(Connection):
    """Copies an object of up to 5 GB."""

    from_: CopyObjectFrom = dynamic(alias="from", doc="what is copied")
    to: CopyObject = dynamic(doc="what it becomes")
    delete: bool = dynamic(default=False, doc="delete the first object after that: it is moved")


class Delete(OfBucket):
    """Deletes an object. Of a bucket with versions, it is hidden by a marker."""

    key: str = dynamic(doc="key of the object")
    bypass_governance_retention: bool | None = dynamic(None, doc="delete it in spite of its lock")
    mfa: Secret | None = dynamic(None, doc="serial number and code of a device, if the bucket asks for it")


class DeleteList(Filtered):
    """Deletes the chosen objects."""

    concurrent: int | None = static(None, doc="how many requests are sent at once", ge=2)
    error_on_empty: bool = dynamic(default=False, doc="fail if nothing is chosen")


class CreateBucket(Connection):
    """Creates a bucket."""

    bucket: str = dynamic(doc="its name")
    grant_full_control: str | None = dynamic(None, doc="who may do everything")
    grant_read: str | None = dynamic(None, doc="who may list its objects")
    grant_read_acp: str | None = dynamic(None, alias="grantReadACP", doc="who may read its access list")
    grant_write: str | None = dynamic(None, doc="who may write objects")
    grant_write_acp: str | None = dynamic(None, alias="grantWriteACP", doc="who may change its access list")
    acl: str | None = dynamic(None, doc="a canned access list, such as `private`")
    object_lock_enabled_for_bucket: bool | None = dynamic(None, doc="objects may be locked")


class Stored(BaseModel):
    """What the service says of an object."""

    eTag: str | None = None  # noqa: N815 - the name in flows
    versionId: str | None = None  # noqa: N815
    checksumAlgorithm: str | None = None  # noqa: N815
    checksumValue: str | None = None  # noqa: N815


class FileInfo(Stored):
    uri: str | None = None
    contentLength: int | None = None  # noqa: N815
    contentType: str | None = None  # noqa: N815
    metadata: dict[str, str] = Field(default={})


class UploadOutputs(Stored):
    bucket: str
    key: str
    files: dict[str, FileInfo] | None = None
    """With several files, by their names."""


class DownloadOutputs(FileInfo):
    files: dict[str, FileInfo] | None = None
    """Of chosen objects, by their keys."""


class S3Object(BaseModel):
    key: str
    etag: str
    size: int
    lastModified: str  # noqa: N815
    owner: dict[str, Any] | None = None
    uri: str | None = None
    """The downloaded file."""


class ListOutputs(BaseModel):
    objects: list[S3Object]


class DownloadsOutputs(ListOutputs):
    outputFiles: dict[str, str]  # noqa: N815
    """URIs of the files by keys."""


class WatchOutputs(BaseModel):
    objects: list[dict[str, Any]]
    """Each with key, etag, size, lastModified, `changeType` CREATE or UPDATE, and as `uri` its copy in internal storage."""


class CopyOutputs(Stored):
    bucket: str
    key: str


class DeleteOutputs(BaseModel):
    versionId: str | None = None  # noqa: N815
    deleteMarker: bool | None = None  # noqa: N815
    requestCharged: str | None = None  # noqa: N815


class DeleteListOutputs(BaseModel):
    count: int
    size: int
    """Bytes of all deleted objects."""


class CreateBucketOutputs(BaseModel):
    bucket: str
    region: str


_S3 = TypeGroup(prefix=_NAME, run=_RUN, extra=_EXTRA, kind="heavy", head=SIGN_IN)
UPLOAD = _S3.type(
    "Upload",
    "Upload files to S3",
    Upload,
    UploadOutputs,
    'bucket: trips\nkey: raw/trips.csv\nfrom: "{{ inputs.file }}"',
)
DOWNLOAD = _S3.type(
    "Download",
    "Download objects of S3",
    Download,
    DownloadOutputs,
    "bucket: trips\nkey: raw/trips.csv",
)
DOWNLOADS = _S3.type(
    "Downloads",
    "Download objects of S3, and move or delete them",
    Downloads,
    DownloadsOutputs,
    "bucket: trips\nprefix: raw/\nregexp: .*\\.csv\naction: DELETE",
)
LIST = _S3.type(
    "List",
    "List objects of S3",
    ListObjects,
    ListOutputs,
    "bucket: trips\nprefix: raw/",
)
COPY = _S3.type(
    "Copy",
    "Copy an object of S3",
    Copy,
    CopyOutputs,
    "from: {bucket: trips, key: raw/trips.csv}\nto: {bucket: archive, key: 2026/trips.csv}",
)
DELETE = _S3.type(
    "Delete",
    "Delete an object of S3",
    Delete,
    DeleteOutputs,
    "bucket: trips\nkey: raw/trips.csv",
)
DELETE_LIST = _S3.type(
    "DeleteList",
    "Delete objects of S3",
    DeleteList,
    DeleteListOutputs,
    "bucket: trips\nprefix: raw/",
)
CREATE_BUCKET = _S3.type(
    "CreateBucket",
    "Create a bucket of S3",
    CreateBucket,
    CreateBucketOutputs,
    "bucket: trips-2026",
)
TRIGGER = _S3.trigger(
    "Trigger",
    "Start executions by objects of S3",
    Trigger,
    WatchOutputs,
    ("objects", "bucket: trips\nprefix: in/\naction: MOVE\nmoveTo: {bucket: trips, key: done}"),
    function=f"{_RUN}_watching:poll",
)
