import os
from pathlib import Path

import pytest

from toccata.cli.errors import CommandError
from toccata.cli.source import Head, head_of, parse_name, read_files, split

TWO = "# first\nid: a\nnamespace: x.y\n---\n# second\nid: b\nnamespace: x.y\n"


def test_each_document_knows_its_line_in_the_file():
    first, second = split(Path("f.yaml"), TWO)
    assert (first.place(2, 1), second.place(2, 1)) == ("f.yaml:2:1", "f.yaml:6:1")
    assert TWO.splitlines()[6 - 1] == "id: b"
    assert second.place(0, 0) == "f.yaml:5"


def test_documents_that_are_alike_have_places_of_their_own():
    text = "id: a\n---\nid: a\n---\nid: a\n"
    assert [source.first_line for source in split(Path("f.yaml"), text)] == [1, 3, 5]


def test_an_empty_file_is_one_document_for_its_error():
    (source,) = split(Path("f.yaml"), "")
    with pytest.raises(CommandError, match=r"f\.yaml:1:1: .*empty"):
        head_of(source)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("id: a\nid: b\n", r"f\.yaml:2:1: duplicate field"),
        ("- a\n", "a flow is a map"),
        ("id: a\n", "a flow needs"),
        ("id: a\nnamespace: 3\n", "a flow needs"),
    ],
)
def test_a_text_that_names_no_flow_is_refused_at_its_place(text, message):
    (source,) = split(Path("f.yaml"), text)
    with pytest.raises(CommandError, match=message):
        head_of(source)


def test_folders_stand_for_the_yaml_files_below(tmp_path):
    (tmp_path / "deep").mkdir()
    (tmp_path / "b.yaml").write_text("id: b\n")
    (tmp_path / "deep" / "a.yml").write_text("id: a\n")
    (tmp_path / "notes.txt").write_text("no")
    assert [source.text for source in read_files([tmp_path]).sources] == ["id: b\n", "id: a\n"]


def test_one_file_that_is_not_utf_8_does_not_stop_a_whole_folder(tmp_path):
    (tmp_path / "a.yaml").write_text("id: a\n")
    (tmp_path / "b.yaml").write_bytes(b"id: \xff")
    (tmp_path / "c.yaml").write_text("id: c\n")
    read = read_files([tmp_path])
    assert [source.text for source in read.sources] == ["id: a\n", "id: c\n"]
    assert read.problems == [f"{tmp_path}/b.yaml: it is not UTF-8 text (byte 4); save it as UTF-8."]


def test_files_that_are_not_there_are_named(tmp_path):
    with pytest.raises(CommandError, match=r"no file .*gone\.yaml") as gone:
        read_files([tmp_path / "gone.yaml"])
    assert gone.value.code == 2
    (tmp_path / "empty").mkdir()
    with pytest.raises(CommandError, match="no flow"):
        read_files([tmp_path / "empty"])


def test_names_of_flows():
    assert parse_name("company.team.hello") == Head("company.team", "hello")
    assert parse_name("company.team/hello.world") == Head("company.team", "hello.world")
    for text in ("hello", ".hello", "company.", "/x", "x/"):
        with pytest.raises(CommandError, match="neither a flow nor a file"):
            parse_name(text)


def test_a_pipe_in_a_folder_holds_nobody_up(tmp_path):
    os.mkfifo(tmp_path / "pipe.yaml")
    (tmp_path / "flow.yaml").write_text("id: a\nnamespace: x.y\n")
    assert [source.file.name for source in read_files([tmp_path]).sources] == ["flow.yaml"]


def test_a_name_that_no_file_can_have_is_refused_without_a_trace():
    with pytest.raises(CommandError, match="cannot be read: File name too long"):
        read_files([Path("a" * 5_000)])


def test_a_device_that_never_ends_is_read_up_to_the_limit():
    (problem,) = read_files([Path("/dev/zero")]).problems
    assert problem.startswith("/dev/zero: it has more than 16,777,216 bytes")
