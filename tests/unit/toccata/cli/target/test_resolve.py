"""One system at a time: what the options, the variables and a run.json say is never mixed."""

from dataclasses import replace
from pathlib import Path

import pytest

from toccata.cli.target.resolve import DEFAULT, Defaults, Found, Kept, redacted, resolve
from toccata.cli.target.value import Given, Target, Unknown, Value

HOME = Path("/h")
FILE = HOME / "run.json"
FOUND = Found(
    FILE, "http://localhost:8080", "127.0.0.1:20001", "postgresql://t:p@127.0.0.1:20002/t", "toccata."
)
PROD = {
    "TOCCATA_URL": "https://prod.example",
    "TOCCATA_KAFKA_BOOTSTRAP_SERVERS": "k1.prod:9092,k2.prod:9092",
    "TOCCATA_DATABASE_URL": "postgresql://u:p@db.prod/toccata",
    "TOCCATA_AUTH_USERNAME": "me@prod",
    "TOCCATA_AUTH_PASSWORD": "Prod-1234",
}


def resolved(
    environment: dict[str, str] | None = None, given: Given | None = None, found: Found | None = None
) -> Target:
    return resolve(environment or {}, given or Given(), found, Defaults("a@b"), HOME)


def addresses(target: Target) -> list[str | None]:
    return [getattr(value, "text", None) for value in (target.url, target.kafka, target.database)]


def test_where_nothing_is_said_the_standalone_of_the_folder_is_meant():
    target = resolved(found=FOUND)
    assert addresses(target) == [FOUND.url, FOUND.kafka, FOUND.database]
    assert target.url == Value(FOUND.url, str(FILE))


def test_where_nothing_is_said_and_nothing_runs_the_defaults_hold():
    target = resolved()
    assert addresses(target) == [
        "http://localhost:8080",
        "localhost:9092",
        "postgresql://localhost:5432/toccata",
    ]
    assert {target.url, target.kafka} == {
        Value("http://localhost:8080", DEFAULT),
        Value("localhost:9092", DEFAULT),
    }
    assert resolved({"TOCCATA_WEB_PORT": "81"}).url == Value("http://localhost:81", "TOCCATA_WEB_PORT")


def test_a_url_of_another_system_takes_nothing_from_the_run_json():
    target = resolved({"TOCCATA_URL": "https://prod.example/"}, found=FOUND)
    assert addresses(target) == ["https://prod.example", None, None]
    assert isinstance(target.kafka, Unknown)
    assert "The standalone of /h is another system." in target.kafka.reason
    assert target.kafka.advice == "Set TOCCATA_KAFKA_BOOTSTRAP_SERVERS or give --kafka."


def test_a_kafka_of_another_system_takes_no_web_from_the_run_json():
    assert addresses(resolved({"TOCCATA_KAFKA_BOOTSTRAP_SERVERS": "k:1"}, found=FOUND)) == [None, "k:1", None]


def test_a_named_address_without_the_others_never_gets_defaults_for_them():
    assert addresses(resolved({"TOCCATA_URL": "http://x"})) == ["http://x", None, None]


@pytest.mark.parametrize("url", ["http://127.0.0.1:8080", "http://localhost:8080/", "http://LOCALHOST:8080"])
def test_the_running_system_may_be_named_in_other_words(url):
    target = resolved({"TOCCATA_URL": url}, found=FOUND)
    assert addresses(target) == [url.rstrip("/"), FOUND.kafka, FOUND.database]


def test_one_contradiction_makes_it_another_system():
    environment = {"TOCCATA_URL": FOUND.url, "TOCCATA_KAFKA_BOOTSTRAP_SERVERS": "elsewhere:9092"}
    assert addresses(resolved(environment, found=FOUND)) == [FOUND.url, "elsewhere:9092", None]


def test_variables_complete_options_that_do_not_contradict_them():
    target = resolved(PROD, Given(url="https://prod.example:443"))
    assert addresses(target)[1:] == [
        PROD["TOCCATA_KAFKA_BOOTSTRAP_SERVERS"],
        PROD["TOCCATA_DATABASE_URL"],
    ]
    assert target.url == Value("https://prod.example:443", "--url")
    assert target.password == Value("Prod-1234", "TOCCATA_AUTH_PASSWORD")


def test_an_option_of_another_system_sets_the_variables_aside_with_their_password():
    target = resolved(PROD, Given(url="https://other.example"))
    assert addresses(target) == ["https://other.example", None, None]
    assert isinstance(target.password, Unknown)
    assert not target.environment_applies
    target = resolved(PROD, Given(url="https://other.example", user="u@o", password="x"))
    assert target.username == Value("u@o", "--user")


def test_one_broker_in_common_is_the_same_kafka():
    target = resolved(PROD, Given(kafka="k2.prod:9092"))
    assert addresses(target)[0] == PROD["TOCCATA_URL"]
    assert addresses(resolved(PROD, Given(kafka="k2.prod:9093")))[0] is None


def test_a_sign_in_alone_names_no_system():
    target = resolved({"TOCCATA_AUTH_PASSWORD": "Mine-1234"}, Given(user="me@here"), FOUND)
    assert addresses(target)[0] == FOUND.url
    assert (target.username, target.password) == (
        Value("me@here", "--user"),
        Value("Mine-1234", "TOCCATA_AUTH_PASSWORD"),
    )


KEPT = Kept(HOME / "sign-in.json", "admin@kestra.io", "made-Once-1")


def test_the_sign_in_that_a_data_directory_keeps_goes_to_its_standalone_alone():
    kept = replace(FOUND, sign_in=KEPT)
    target = resolved(found=kept)
    assert (target.username, target.password) == (
        Value("admin@kestra.io", "/h/sign-in.json"),
        Value("made-Once-1", "/h/sign-in.json"),
    )
    assert resolved({"TOCCATA_URL": "http://localhost:8080"}, found=kept).password == target.password
    for elsewhere in ({"TOCCATA_URL": "http://evil.example"}, {"TOCCATA_KAFKA_BOOTSTRAP_SERVERS": "k:1"}):
        assert isinstance(resolved(elsewhere, found=kept).password, Unknown)
    assert isinstance(resolved(given=Given(url="http://localhost:8081"), found=kept).password, Unknown)


def test_a_kept_password_goes_to_its_own_user_alone():
    kept = replace(FOUND, sign_in=KEPT)
    assert isinstance(resolved(given=Given(user="other@here"), found=kept).password, Unknown)
    assert resolved(given=Given(user="admin@kestra.io"), found=kept).password == Value(
        "made-Once-1", "/h/sign-in.json"
    )
    assert resolved(given=Given(password="Mine-1234"), found=kept).password == Value(
        "Mine-1234", "--password"
    )


def test_where_no_sign_in_is_known_the_reason_is_told():
    password = resolved(found=replace(FOUND, sign_in="It was set elsewhere.")).password
    assert isinstance(password, Unknown)
    assert password.reason == "It was set elsewhere."
    assert "--token" in password.advice
    assert isinstance(resolved().password, Unknown), "there is no default password"


def test_a_token_takes_the_place_of_the_sign_in_and_stays_with_its_system():
    token = {"TOCCATA_TOKEN": "toccata_x", "TOCCATA_URL": "https://prod.example"}
    assert resolved(token).token == Value("toccata_x", "TOCCATA_TOKEN")
    assert resolved(token, Given(token="toccata_y")).token == Value("toccata_y", "--token")
    assert resolved(token, Given(user="me@here", password="x")).token is None
    assert resolved(token, Given(url="https://other.example")).token is None


def test_the_prefix_of_topics_follows_the_system():
    found = Found(FILE, FOUND.url, FOUND.kafka, FOUND.database, "mine.")
    assert resolved(found=found).topic_prefix == Value("mine.", str(FILE))
    assert resolved({"TOCCATA_KAFKA_TOPIC_PREFIX": "said."}, found=found).topic_prefix.text == "said."
    assert resolved({"TOCCATA_URL": "http://x"}, found=found).topic_prefix == Value("toccata.", DEFAULT)


def test_empty_variables_say_nothing():
    assert addresses(resolved({"TOCCATA_URL": "", "TOCCATA_DATABASE_URL": " "}, found=FOUND))[0] == FOUND.url


def test_passwords_of_addresses_are_not_shown():
    assert redacted("postgresql://u:p@h/d") == "postgresql://u:***@h/d"
    assert redacted("postgresql://u@h/d") == "postgresql://u@h/d"
    assert redacted("k1:9092,k2:9092") == "k1:9092,k2:9092"
    reason = resolved({"TOCCATA_DATABASE_URL": "postgresql://u:geheim@h/d"}).url
    assert isinstance(reason, Unknown)
    assert "geheim" not in reason.reason
