"""Multipart bodies of webhooks."""

from __future__ import annotations

import pytest

from services.web.core.problem import Problem
from services.web.core.write.form import Upload, form_of

BODY = (
    b'--B\r\nContent-Disposition: form-data; name="f"\r\n\r\nv1\r\n'
    b'--B\r\nContent-Disposition: form-data; name="file"; filename="a.bin"\r\n'
    b"Content-Type: application/octet-stream\r\n\r\n\x00\xff\r\n--B--\r\n"
)


def test_fields_are_texts_and_files_are_bytes() -> None:
    assert form_of(BODY, "multipart/form-data; boundary=B") == (
        {"f": ["v1"]},
        [Upload("file", "a.bin", "application/octet-stream", b"\x00\xff")],
    )


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (BODY, "multipart/form-data"),
        (b"nonsense", "multipart/form-data; boundary=B"),
        (b"--C\r\n", "multipart/form-data; boundary=B"),
        (b"--B\r\n\r\n\r\n" * 2_000, "multipart/form-data; boundary=B"),
    ],
)
def test_what_is_not_what_its_type_says_is_refused(body: bytes, kind: str) -> None:
    with pytest.raises(Problem) as refused:
        form_of(body, kind)
    assert refused.value.status == 400
