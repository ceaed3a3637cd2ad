import os
import time
from pathlib import Path

from toccata.standalone.aot_cache import AotCache

COMMAND = ["java", "-Xmx512m"]
DAY = 86_400


def recorded(cache):
    """The JVM writes the file that the option names when it ends."""
    (option, *_) = cache.options()
    name, _, file = option.partition("=")
    assert name == "-XX:AOTCacheOutput"
    Path(file).write_text("recorded")
    return file


def test_what_the_first_run_records_is_used_by_the_next_one_of_the_same_environment(tmp_path):
    first = AotCache(tmp_path, "25.0.2", COMMAND)
    recorded(first)
    first.ended(clean=True, worked=True)
    (option, *_) = AotCache(tmp_path, "25.0.2", COMMAND).options()
    assert option == f"-XX:AOTCache={next(tmp_path.glob('*.aot'))}"
    (option, *_) = AotCache(tmp_path, "25.0.2", ["/elsewhere/java", "-Xmx512m"]).options()
    assert option.startswith("-XX:AOTCacheOutput=")


def test_a_broker_that_was_killed_leaves_no_cache(tmp_path):
    cache = AotCache(tmp_path, "25.0.2", COMMAND)
    recorded(cache)
    cache.ended(clean=False, worked=True)
    assert list(tmp_path.iterdir()) == []


def test_the_folder_keeps_the_caches_that_were_used_last(tmp_path):
    for number in range(8):
        cache = AotCache(tmp_path, "25.0.2", [str(number)])
        recorded(cache)
        cache.ended(clean=True, worked=True)
    for age, file in enumerate(tmp_path.glob("*.aot")):
        os.utime(file, (time.time(), time.time() - DAY * (1 + age)))
    AotCache(tmp_path, "25.0.2", ["0"]).options()
    newest = AotCache(tmp_path, "25.0.2", ["new"])
    recorded(newest)
    newest.ended(clean=True, worked=True)
    assert len(list(tmp_path.glob("*.aot"))) == 8
    for kept in ("0", "new"):
        assert AotCache(tmp_path, "25.0.2", [kept]).options()[0].startswith("-XX:AOTCache=")


def test_drafts_of_brokers_that_were_killed_go_away(tmp_path):
    draft = recorded(AotCache(tmp_path, "25.0.2", ["killed"]))
    os.utime(draft, (time.time(), time.time() - 2 * DAY))
    cache = AotCache(tmp_path, "25.0.2", COMMAND)
    recorded(cache)
    cache.ended(clean=True, worked=True)
    assert [file.suffix for file in tmp_path.iterdir()] == [".aot"]


def test_what_an_idle_broker_recorded_serves_until_one_has_worked(tmp_path):
    idle = AotCache(tmp_path, "25.0.2", COMMAND)
    recorded(idle)
    idle.ended(clean=True, worked=False)
    (kept,) = tmp_path.glob("*.aot")
    for _ in range(2):
        still_idle = AotCache(tmp_path, "25.0.2", COMMAND)
        assert still_idle.options()[0] == f"-XX:AOTCache={kept}"
        still_idle.ended(clean=True, worked=False)

    worked = AotCache(tmp_path, "25.0.2", COMMAND)
    assert worked.options()[0] == f"-XX:AOTCache={kept}"
    worked.ended(clean=True, worked=True)
    trained = AotCache(tmp_path, "25.0.2", COMMAND)
    recorded(trained)
    trained.ended(clean=True, worked=True)
    (kept,) = tmp_path.glob("*.aot")
    last = AotCache(tmp_path, "25.0.2", COMMAND)
    assert last.options()[0] == f"-XX:AOTCache={kept}"
    last.ended(clean=True, worked=True)
    assert kept.exists()
