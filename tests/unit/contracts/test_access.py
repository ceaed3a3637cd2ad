from contracts.access import AccessRecord, CookieIssued, SignedIn, TokenCreated
from contracts.codec import Codec, encode

RECORDS = (
    SignedIn(id="s", user="a@b.c", csrf_digest="d", generation="g", at=1, until=2),
    CookieIssued(digest="c", sign_in="s", at=1, until=2),
    TokenCreated(id="t", name="n", user="a@b.c", digest="d", scope="read", at=1),
)


def test_each_kind_of_record_has_keys_of_its_own():
    assert [record.key for record in RECORDS] == ["sign-in/s", "cookie/c", "token/t"]


def test_records_are_read_as_they_were_written():
    codec: Codec[AccessRecord] = Codec(AccessRecord)
    assert [codec.decode(encode(record)) for record in RECORDS] == list(RECORDS)
