"""``gcp.gcs.*``"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel

from toccata.plugin import (
    Properties,
    Secret,
    TypeGroup,
    WatchedProperties,
    dynamic,
    static,
)

_NAME = "io.kestra.plugin.gcp.gcs"
_RUN = "toccata.plugins.families.gcp.run.gcs"
_EXTRA = "toccata[gcp]"
_SCOPE = "https://www.googleapis.com/auth/cloud-platform"
SIGN_IN = "projectId: trips\nserviceAccount: \"{{ secret('GCP_CREDS') }}\"\n"
_FOLDER = "folder, as gs://bucket/folder/"
_ACL = "access lists of single objects are not set: use `iamConfiguration`"


class Google(Properties):
    """Which project, and as whom."""

    project_id: str | None = dynamic(None, doc="project; default: that of the service account")
    service_account: Secret | None = dynamic(
        None, doc="key of a service account, as text in JSON; without it, what the worker's environment has"
    )
    impersonated_service_account: str | None = dynamic(
        None, doc="service account that is taken on for the task"
    )
    scopes: list[str] = dynamic([_SCOPE], doc="what the sign-in may be used for")


class Chosen(Google):
    """Which objects are meant."""

    from_: str = dynamic(alias="from", doc=_FOLDER)
    all_versions: bool | None = dynamic(None, doc="also versions that are not the latest")
    listing_type: Literal["RECURSIVE", "DIRECTORY"] = dynamic(
        "DIRECTORY", doc="DIRECTORY: only what is in the folder itself; RECURSIVE: also what is below"
    )
    reg_exp: str | None = dynamic(None, doc="only objects whose whole address, with gs://, matches")


class Upload(Google):
    """Uploads a file."""

    from_: str = dynamic(alias="from", doc="URI of the file")
    to: str = dynamic(doc="its address, as gs://bucket/path")
    content_type: str | None = dynamic(None, doc="media type of the object")
    content_encoding: str | None = dynamic(None, doc="header Content-Encoding of the object")
    content_disposition: str | None = dynamic(None, doc="header Content-Disposition of the object")
    cache_control: str | None = dynamic(None, doc="header Cache-Control of the object")
    validate_checksum: bool = dynamic(default=True, doc="compare what arrived with the file")
    expected_md5: str | None = dynamic(None, doc="MD5 of the file in base64, if known", alias="expectedMd5")
    expected_crc32c: str | None = dynamic(
        None, doc="CRC32C of the file in base64, if known", alias="expectedCrc32c"
    )


class Download(Google):
    """Downloads an object."""

    from_: str = dynamic(alias="from", doc="its address, as gs://bucket/path")
    validate_checksum: bool = dynamic(default=False, doc="compare what arrived with the object")


class Downloads(Chosen):
    """Downloads the chosen objects, and then moves or deletes them if wanted."""

    action: Literal["MOVE", "DELETE", "NONE"] = dynamic("NONE", doc="what becomes of the objects")
    move_directory: str | None = dynamic(None, doc="with MOVE: their new folder, as gs://bucket/folder/")
    max_files: int = dynamic(25, doc="most objects that are downloaded", ge=1)
    validate_checksum: bool = dynamic(default=False, doc="compare what arrived with the objects")


class Trigger(Google, WatchedProperties):
    """Watches a folder, and starts an execution with the objects that are new or changed."""

    from_: str = dynamic(alias="from", doc=_FOLDER)
    listing_type: Literal["RECURSIVE", "DIRECTORY"] = dynamic(
        "DIRECTORY", doc="DIRECTORY: only what is in the folder itself; RECURSIVE: also what is below"
    )
    reg_exp: str | None = dynamic(None, doc="only objects whose whole address, with gs://, matches")
    action: Literal["MOVE", "DELETE", "NONE"] = dynamic(
        "NONE", doc="what becomes of an object after it was copied"
    )
    move_directory: str | None = dynamic(None, doc="with MOVE: their new folder, as gs://bucket/folder/")


class ListObjects(Chosen):
    """Lists the chosen objects."""

    filter: Literal["FILES", "DIRECTORY", "BOTH"] = dynamic("BOTH", doc="objects, folders or both")
    max_files: int = dynamic(25, doc="most objects that are listed", ge=1)


class Copy(Google):
    """Copies an object."""

    from_: str = dynamic(alias="from", doc="its address, as gs://bucket/path")
    to: str = dynamic(doc="address of the new one")
    delete: bool = dynamic(default=False, doc="delete the first object after that: it is moved")


class Delete(Google):
    """Deletes an object."""

    uri: str = dynamic(doc="its address, as gs://bucket/path")
    error_on_missing: bool = dynamic(default=False, doc="fail if there is none")


class DeleteList(Chosen):
    """Deletes the chosen objects."""

    error_on_empty: bool = dynamic(default=False, doc="fail if nothing is chosen")
    concurrent: int | None = static(None, doc="how many requests are sent at once", ge=2)


class ComposedList(Properties):
    from_: str = dynamic(alias="from", doc=_FOLDER)
    filter: Literal["FILES", "DIRECTORY", "BOTH"] = dynamic("BOTH", ignored="folders have no content")
    listing_type: Literal["RECURSIVE", "DIRECTORY"] = dynamic("DIRECTORY", doc="as in the task `List`")
    reg_exp: str | None = dynamic(None, doc="only objects whose whole address, with gs://, matches")


class Compose(Google):
    """Makes one object of up to 32, in the order of their names."""

    list_: ComposedList = dynamic(alias="list", doc="the objects")
    to: str = dynamic(doc="address of the new object")
    allow_empty: bool = dynamic(default=False, doc="if nothing is chosen, do nothing and do not fail")


class LifecycleCondition(Properties):
    age: int | None = dynamic(None, doc="days since the object was made", ge=0)


class LifecycleAction(Properties):
    type: Literal["DELETE", "SET_STORAGE_CLASS"] = dynamic(doc="what is done")
    value: str | None = dynamic(None, doc="the storage class")


class LifecycleRule(Properties):
    condition: LifecycleCondition = dynamic(doc="to which objects")
    action: LifecycleAction = dynamic(doc="what is done with them")


class Cors(Properties):
    max_age_seconds: int | None = dynamic(None, doc="how long browsers remember the answer")
    methods: list[str] = dynamic([], doc="allowed methods")
    origins: list[str] = dynamic([], doc="allowed origins")
    response_headers: list[str] = dynamic([], doc="headers that scripts may read")


class IamConfiguration(Properties):
    uniform_bucket_level_access_enabled: bool | None = dynamic(None, doc="only the bucket's own rights count")
    public_access_prevention: Literal["ENFORCED", "INHERITED"] | None = dynamic(
        None, doc="ENFORCED: nothing can be made public"
    )


class Logging(Properties):
    log_bucket: str | None = dynamic(None, doc="bucket for logs of access")
    log_object_prefix: str | None = dynamic(None, doc="start of their names")


class OfBucket(Google):
    name: str = dynamic(doc="name of the bucket")
    requester_pays: bool | None = dynamic(None, doc="whoever asks pays")
    versioning_enabled: bool | None = dynamic(None, doc="keep older versions of objects")
    index_page: str | None = dynamic(None, doc="as a website: name of the page of a folder")
    not_found_page: str | None = dynamic(None, doc="as a website: page for what does not exist")
    lifecycle_rules: list[LifecycleRule] | None = dynamic(None, doc="what becomes of old objects")
    storage_class: str | None = dynamic(None, doc="such as STANDARD or NEARLINE")
    location: str | None = dynamic(None, doc="where the bucket is, such as EU; it cannot be changed")
    cors: list[Cors] | None = dynamic(None, doc="which scripts of other origins may read it")
    acl: Any = dynamic(None, ignored=_ACL)
    default_acl: Any = dynamic(None, ignored=_ACL)
    labels: dict[str, str] | None = dynamic(None, doc="labels of the bucket")
    default_kms_key_name: str | None = dynamic(None, doc="key that encrypts new objects")
    default_event_based_hold: bool | None = dynamic(None, doc="new objects are held")
    retention_period: int | None = dynamic(None, doc="seconds that objects must stay", ge=0)
    iam_configuration: IamConfiguration | None = dynamic(None, doc="rights")
    logging: Logging | None = dynamic(None, doc="logs of access")


class CreateBucket(OfBucket):
    """Creates a bucket."""

    if_exists: Literal["ERROR", "UPDATE", "SKIP"] = dynamic(
        "ERROR", doc="if there is one: fail, change it, or leave it as it is"
    )


class UpdateBucket(OfBucket):
    """Changes a bucket. What is not given stays."""


class DeleteBucket(Google):
    """Deletes a bucket."""

    name: str = dynamic(doc="name of the bucket")
    force: bool = dynamic(default=False, doc="first delete all objects in it")


class UriOutputs(BaseModel):
    uri: str


class UploadOutputs(UriOutputs):
    md5: str | None = None
    """In base64."""
    crc32c: str | None = None
    """In base64."""


class DownloadOutputs(UriOutputs):
    bucket: str
    path: str


class ListOutputs(BaseModel):
    blobs: list[dict[str, Any]]
    """Each with uri, bucket, name, size, md5, crc32c, contentType, updateTime, isDirectory and what else is known."""


class DownloadsOutputs(ListOutputs):
    outputFiles: dict[str, str]  # noqa: N815 - the name in flows
    """URIs in internal storage by names."""


class WatchOutputs(BaseModel):
    blobs: list[dict[str, Any]]
    """Each with `changeType` CREATE or UPDATE, with what a list says of it, and as `uri` its copy in internal storage."""


class DeleteOutputs(UriOutputs):
    deleted: bool


class DeleteListOutputs(BaseModel):
    count: int
    size: int
    """Bytes of all deleted objects."""


class BucketOutputs(BaseModel):
    bucket: dict[str, Any]
    """name, uri, location, indexPage, notFoundPage"""
    created: bool | None = None
    updated: bool | None = None


class DeleteBucketOutputs(BaseModel):
    bucket: str
    bucketUri: str  # noqa: N815 - the name in flows


_GCS = TypeGroup(prefix=_NAME, run=_RUN, extra=_EXTRA, kind="heavy", head=SIGN_IN)
UPLOAD = _GCS.type(
    "Upload",
    "Upload a file to Google Cloud Storage",
    Upload,
    UploadOutputs,
    'from: "{{ inputs.file }}"\nto: gs://trips/raw/new.csv',
)
DOWNLOAD = _GCS.type(
    "Download",
    "Download an object of Google Cloud Storage",
    Download,
    DownloadOutputs,
    "from: gs://trips/raw/trips.csv",
)
DOWNLOADS = _GCS.type(
    "Downloads",
    "Download objects of Google Cloud Storage",
    Downloads,
    DownloadsOutputs,
    "from: gs://trips/raw/\nregExp: .*\\.csv\naction: MOVE\nmoveDirectory: gs://trips/done/",
)
LIST = _GCS.type(
    "List", "List objects of Google Cloud Storage", ListObjects, ListOutputs, "from: gs://trips/raw/"
)
COPY = _GCS.type(
    "Copy",
    "Copy an object of Google Cloud Storage",
    Copy,
    UriOutputs,
    "from: gs://trips/raw/trips.csv\nto: gs://trips/archive/trips.csv",
)
DELETE = _GCS.type(
    "Delete",
    "Delete an object of Google Cloud Storage",
    Delete,
    DeleteOutputs,
    "uri: gs://trips/raw/trips.csv",
)
DELETE_LIST = _GCS.type(
    "DeleteList",
    "Delete objects of Google Cloud Storage",
    DeleteList,
    DeleteListOutputs,
    "from: gs://trips/raw/",
)
COMPOSE = _GCS.type(
    "Compose",
    "Join objects of Google Cloud Storage",
    Compose,
    UriOutputs,
    "list: {from: gs://trips/raw/}\nto: gs://trips/all.csv",
)
CREATE_BUCKET = _GCS.type(
    "CreateBucket",
    "Create a bucket of Google Cloud Storage",
    CreateBucket,
    BucketOutputs,
    "name: trips\nlocation: EU\nifExists: SKIP",
)
UPDATE_BUCKET = _GCS.type(
    "UpdateBucket",
    "Change a bucket of Google Cloud Storage",
    UpdateBucket,
    BucketOutputs,
    "name: trips\nlabels: {team: data}",
)
DELETE_BUCKET = _GCS.type(
    "DeleteBucket",
    "Delete a bucket of Google Cloud Storage",
    DeleteBucket,
    DeleteBucketOutputs,
    "name: trips\nforce: true",
)
TRIGGER = _GCS.trigger(
    "Trigger",
    "Start executions by objects of Google Cloud Storage",
    Trigger,
    WatchOutputs,
    ("objects", "from: gs://trips/in/\naction: MOVE\nmoveDirectory: gs://trips/done/"),
    function=f"{_RUN}_watching:poll",
)
