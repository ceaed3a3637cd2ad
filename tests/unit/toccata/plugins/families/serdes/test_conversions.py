"""Files of rows become other formats and come back, by the worker's own runner."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import fastavro
import openpyxl
import pyarrow.parquet as pq
import pytest
import yaml as yaml_library

from contracts.execution import AttemptEnded
from tests.support.attempt import Bench
from toccata.plugin import TaskType
from toccata.plugins.families.serdes import (
    avro,
    excel,
    parquet,
    xml,
    yaml,
)
from toccata.plugins.families.serdes import (
    csv as csv_types,
)
from toccata.plugins.families.serdes import (
    json as json_types,
)

SOURCE = "kestra:///company/team/f/executions/e1/in.dat"
ROWS = """\
{"id":1,"name":"Grüße","exact":1.50,"near":1.5e0,"day":2024-01-02,"at":2024-01-02T03:04:05Z,"list":[1,2],"map":{"x":null},"none":null,"yes":true}
{"id":2,"name":"b, \\"q\\"","exact":22.5,"near":2.5e0,"day":2024-01-03,"at":2024-01-02T03:04:05.5Z,"list":[],"map":{"x":1},"none":"x","yes":false}
"""
ALL = [
    csv_types.CSV_TO_ION, csv_types.ION_TO_CSV, json_types.JSON_TO_ION, json_types.ION_TO_JSON, json_types.JSON_TO_JSONL,
    avro.AVRO_TO_ION, avro.ION_TO_AVRO, avro.INFER_AVRO_SCHEMA, parquet.PARQUET_TO_ION, parquet.ION_TO_PARQUET,
    excel.EXCEL_TO_ION, excel.ION_TO_EXCEL, xml.XML_TO_ION, xml.ION_TO_XML,
    yaml.YAML_TO_ION, yaml.ION_TO_YAML, yaml.YAML_TO_JSON, yaml.JSON_TO_YAML,
]  # fmt: skip


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


async def ran(bench: Bench, task: TaskType, content: str | bytes, **properties: Any) -> AttemptEnded:
    await bench.storage.put(SOURCE, content.encode() if isinstance(content, str) else content)
    return await bench.run(task, {"from": SOURCE, **properties})


async def good(bench: Bench, task: TaskType, content: str | bytes, **properties: Any) -> bytes:
    ended = await ran(bench, task, content, **properties)
    assert ended.outcome == "succeeded", ended.message
    outputs = dict(ended.outputs)
    uri = outputs["uri"] if "uri" in outputs else next(iter(outputs["uris"].values()))
    assert uri.startswith("kestra:///company/team/f/executions/e1/tasks/t1/tr1/")
    return await bench.storage.get(uri)


async def why(bench: Bench, task: TaskType, content: str | bytes, **properties: Any) -> str:
    ended = await ran(bench, task, content, **properties)
    assert ended.outcome == "failed"
    return ended.message


@pytest.mark.parametrize("task", ALL, ids=lambda each: each.name.removeprefix("io.kestra.plugin.serdes."))
async def test_the_example_runs(bench: Bench, task: TaskType) -> None:
    written = yaml_library.safe_load(task.examples[0])
    assert (written.pop("id"), written.pop("type")) == ("convert", task.name)
    word = task.name.rpartition(".")[2]
    back = next((each for each in ALL if each.name.endswith(f".IonTo{word.removesuffix('ToIon')}")), None)
    content: str | bytes = '{"a":1}\n'
    if word == "CsvToIon":
        content = "a\n1\n"
    elif word.endswith("ToIon") and word != "JsonToIon" and back is not None:
        content = await good(bench, back, content)
    await bench.storage.put(SOURCE, content if isinstance(content, bytes) else content.encode())
    ended = await bench.run(task, written, variables={"outputs": {"rows": {"uri": SOURCE}}})
    assert (ended.outcome, ended.message) == ("succeeded", "")
    assert dict(ended.outputs)["size"] == 1
    assert (bench.points[-1].name, bench.points[-1].value) == ("records", 1)


@pytest.mark.parametrize(
    ("there", "back", "lost"),
    [
        (avro.ION_TO_AVRO, avro.AVRO_TO_ION, {"22.5,": "22.50,", "05.5Z": "05.500000Z"}),
        (parquet.ION_TO_PARQUET, parquet.PARQUET_TO_ION, {"22.5,": "22.50,", "05.5Z": "05.500000Z"}),
        (yaml.ION_TO_YAML, yaml.YAML_TO_ION, {"1.50,": "1.5e0,", "22.5,": "22.5e0,", "05.5Z": "05.500000Z"}),
    ],
    ids=["avro", "parquet", "yaml"],
)
async def test_there_and_back(bench: Bench, there: TaskType, back: TaskType, lost: dict[str, str]) -> None:
    expected = ROWS
    for given, found in lost.items():
        expected = expected.replace(given, found)
    assert (await good(bench, back, await good(bench, there, ROWS))).decode() == expected


async def test_csv_becomes_rows_of_texts(bench: Bench) -> None:
    content = '\ufeffid,name,\n1,\\N,x\n"2,5",,y\n'
    assert (
        await good(bench, csv_types.CSV_TO_ION, content)
        == b'{"id":"1","name":null}\n{"id":"2,5","name":""}\n'
    )
    renamed = await good(bench, csv_types.CSV_TO_ION, content, onEmptyHeader="RENAME")
    assert json.loads(renamed.splitlines()[0]) == {"id": "1", "name": None, "col_2": "x"}


@pytest.mark.parametrize(
    ("content", "properties", "rows"),
    [
        ("1;'a;b'\n", {"header": False, "fieldSeparator": ";", "textDelimiter": "'"}, [["1", "a;b"]]),
        ("a\n1\n\n2\n", {"skipEmptyRows": True}, [{"a": "1"}, {"a": "2"}]),
        ("a\n1\n\n2\n", {}, [{"a": "1"}, {"a": ""}, {"a": "2"}]),
        ("a\n1\n2\n3\n", {"skipRows": 2}, [{"a": "3"}]),
        ("a,b\n1\n2,3\n", {"onBadLines": "SKIP"}, [{"a": "2", "b": "3"}]),
        ("a,b\n1\n2,3\n", {"errorOnDifferentFieldCount": False}, [{"a": "2", "b": "3"}]),
        ("a\nGr\u00fc\u00dfe\n".encode("latin-1"), {"charset": "ISO-8859-1"}, [{"a": "Grüße"}]),
        ('a\n"x\ny"\n', {}, [{"a": "x\ny"}]),
        ("", {}, []),
    ],
)  # fmt: skip
async def test_options_of_reading_csv(bench: Bench, content: Any, properties: Any, rows: list[Any]) -> None:
    found = await good(bench, csv_types.CSV_TO_ION, content, **properties)
    assert [json.loads(line) for line in found.splitlines()] == rows


async def test_a_bad_line_is_left_out_with_a_warning(bench: Bench) -> None:
    await good(bench, csv_types.CSV_TO_ION, "a,b\n1\n2,3\n", onBadLines="WARN")
    assert ("WARN", "left out: line 2 has 1 fields, and the header has 2") in bench.messages


async def test_rows_become_csv(bench: Bench) -> None:
    found = (await good(bench, csv_types.ION_TO_CSV, ROWS, timeZoneId="Europe/Paris")).decode()
    header, first, second = csv.reader(io.StringIO(found))
    assert header == ["id", "name", "exact", "near", "day", "at", "list", "map", "none", "yes"]
    assert first == ["1", "Grüße", "1.50", "1.5", "2024-01-02", "2024-01-02T04:04:05.000+01:00", "[1,2]", '{"x":null}', "", "true"]  # fmt: skip
    assert second[1] == 'b, "q"'


@pytest.mark.parametrize(
    ("properties", "text"),
    [
        ({}, "a,b\nx,1\n,2024-01-02\n"),
        ({"quoteMode": "NON_NUMERIC"}, '"a","b"\n"x",1\n"","2024-01-02"\n'),
        ({"quoteMode": "ALWAYS", "header": False}, '"x","1"\n"","2024-01-02"\n'),
        ({"fieldSeparator": ";", "lineDelimiter": "\r\n", "dateFormat": "dd.MM.yy"}, "a;b\r\nx;1\r\n;02.01.24\r\n"),
    ],
)  # fmt: skip
async def test_options_of_writing_csv(bench: Bench, properties: Any, text: str) -> None:
    rows = '{"a":"x","b":1}\n{"a":null,"b":2024-01-02}\n'
    assert (await good(bench, csv_types.ION_TO_CSV, rows, **properties)).decode() == text


async def test_json_becomes_rows(bench: Bench) -> None:
    task = json_types.JSON_TO_ION
    assert await good(bench, task, '{"a":1.5}\n\n{"a":\n 2}\n[3]') == b'{"a":1.5e0}\n{"a":2}\n[3]\n'
    listed = await good(bench, task, '[{"a":0.1}, {"a":123456789012345678901.25}]', newLine=False)
    assert listed == b'{"a":0.1e0}\n{"a":123456789012345678901.25}\n'
    assert await good(bench, task, '{"a":\n1}', newLine=False) == b'{"a":1}\n'
    assert await good(bench, task, '{"a":"ü"}'.encode("utf-16"), charset="UTF-16") == '{"a":"ü"}\n'.encode()


async def test_rows_become_json(bench: Bench) -> None:
    lines = (await good(bench, json_types.ION_TO_JSON, ROWS, timeZoneId="UTC")).decode().splitlines()
    assert lines[0] == (
        '{"id":1,"name":"Grüße","exact":1.50,"near":1.5,"day":"2024-01-02","at":"2024-01-02T03:04:05Z","list":[1,2],'
        '"map":{"x":null},"none":null,"yes":true}'
    )
    listed = json.loads(await good(bench, json_types.ION_TO_JSON, ROWS, newLine=False))
    assert [each["id"] for each in listed] == [1, 2]


async def test_names_of_files_say_what_is_in_them(bench: Bench) -> None:
    for task, properties, ending in (
        (json_types.ION_TO_JSON, {}, ".jsonl"),
        (json_types.ION_TO_JSON, {"newLine": False}, ".json"),
        (csv_types.ION_TO_CSV, {}, ".csv"),
        (parquet.ION_TO_PARQUET, {}, ".parquet"),
    ):
        ended = await ran(bench, task, ROWS, **properties)
        assert dict(ended.outputs)["uri"].endswith(ending)


async def test_avro_is_read_by_its_own_library(bench: Bench) -> None:
    schema = {
        "type": "record",
        "name": "trip",
        "fields": [
            {"name": "id", "type": "int"},
            {"name": "day", "type": {"type": "int", "logicalType": "date"}},
            {
                "name": "fare",
                "type": ["null", {"type": "bytes", "logicalType": "decimal", "precision": 6, "scale": 2}],
            },
            {"name": "paid", "type": "boolean"},
            {"name": "kind", "type": {"type": "enum", "name": "kind", "symbols": ["bus", "tram"]}},
            {"name": "note", "type": "string", "default": "-"},
        ],
    }
    rows = '{"id":"7","day":"02.01.2024","fare":"1,5","paid":"ON","kind":"tram"}\n{"id":8,"day":2024-01-03,"fare":"NA","paid":0,"kind":"bus","note":1}\n'
    options = {"dateFormat": "dd.MM.yyyy", "decimalSeparator": ","}
    found: list[Any] = list(
        fastavro.reader(
            io.BytesIO(await good(bench, avro.ION_TO_AVRO, rows, schema=json.dumps(schema), **options))
        )
    )
    assert [
        (str(each["day"]), str(each["fare"]), each["id"], each["paid"], each["kind"], each["note"])
        for each in found
    ] == [
        ("2024-01-02", "1.50", 7, True, "tram", "-"),
        ("2024-01-03", "None", 8, False, "bus", "1"),
    ]


async def test_rows_that_do_not_fit_a_schema(bench: Bench) -> None:
    schema = json.dumps({"type": "record", "name": "r", "fields": [{"name": "a", "type": "int"}]})
    rows = '{"a":1}\n{"a":"x"}\n{"a":3,"b":4}\n'
    assert (
        await why(bench, avro.ION_TO_AVRO, rows, schema=schema)
        == "row 2: field `a`: `x` is not a whole number"
    )
    strict = await ran(bench, avro.ION_TO_AVRO, rows, schema=schema, onBadLines="WARN", strictSchema=True)
    assert dict(strict.outputs)["size"] == 1
    assert {
        ("WARN", "left out: row 2: field `a`: `x` is not a whole number"),
        ("WARN", "left out: row 3: the schema has no field `b`"),
    } <= set(bench.messages)


async def test_the_schema_of_rows(bench: Bench) -> None:
    found = json.loads(
        await good(bench, avro.INFER_AVRO_SCHEMA, '{"a":1,"b":[]}\n{"a":2.5,"b":[{"c":"x"}],"d":null}\n')
    )
    types = {each["name"]: each["type"] for each in found["fields"]}
    assert types["a"] == ["null", {"type": "bytes", "logicalType": "decimal", "precision": 20, "scale": 1}]
    assert types["b"][1]["items"][1]["fields"] == [{"name": "c", "type": ["null", "string"], "default": None}]
    assert types["d"] == ["null", "string"]


async def test_parquet_is_read_by_its_own_library(bench: Bench, tmp_path: Path) -> None:
    file = tmp_path / "x.parquet"
    rows = "".join(f'{{"a":{each},"at":2024-01-02T03:04:05Z}}\n' for each in range(12_000))
    file.write_bytes(await good(bench, parquet.ION_TO_PARQUET, rows, compressionCodec="ZSTD", rowGroupSize=1))
    read = pq.ParquetFile(file)
    assert read.metadata.num_row_groups == 3
    assert read.metadata.row_group(0).column(0).compression == "ZSTD"
    assert [str(each) for each in read.schema_arrow.types] == ["int64", "timestamp[us, tz=UTC]"]
    assert read.read().column("a").to_pylist() == list(range(12_000))


async def test_excel_is_read_by_its_own_library_and_comes_back(bench: Bench) -> None:
    content = await good(bench, excel.ION_TO_EXCEL, ROWS, sheetsTitle="Trips", timeZoneId="UTC")
    sheet = openpyxl.load_workbook(io.BytesIO(content))["Trips"]
    assert [cell.value for cell in sheet[1]][:4] == ["id", "name", "exact", "near"]
    assert str(sheet["E2"].value) == "2024-01-02 00:00:00"
    rows = (await good(bench, excel.EXCEL_TO_ION, content)).decode().splitlines()
    assert rows[0].startswith(
        '{"id":1,"name":"Grüße","exact":1.5e0,"near":1.5e0,"day":2024-01-02,"at":2024-01-02T03:04:05-00:00,'
    )
    texts = await good(
        bench, excel.EXCEL_TO_ION, content, valueRender="FORMATTED_VALUE", dateTimeRender="SERIAL_NUMBER"
    )
    assert json.loads(texts.splitlines()[0])["day"] == "45293"


async def test_sheets_by_title(bench: Bench) -> None:
    await bench.storage.put(SOURCE, b'{"a":1}\n')
    book = await bench.run(excel.ION_TO_EXCEL, {"from": {"one": SOURCE, "two": SOURCE}})
    content = await bench.storage.get(dict(book.outputs)["uri"])
    ended = await ran(bench, excel.EXCEL_TO_ION, content, sheetsTitle=["two"])
    assert (list(dict(ended.outputs)["uris"]), dict(ended.outputs)["size"]) == (["two"], 1)
    assert "there is no sheet `no`; there are: one, two" in await why(
        bench, excel.EXCEL_TO_ION, content, sheetsTitle=["no"]
    )


async def test_xml(bench: Bench) -> None:
    text = await good(
        bench, xml.ION_TO_XML, '{"a":1,"b":["x","<&>"],"c":{"d":true},"e":null}\n', rootName="trips"
    )
    assert text.decode().endswith(
        "<trips><item><a>1</a><b>x</b><b>&lt;&amp;&gt;</b><c><d>true</d></c><e/></item></trips>"
    )
    rows = await good(bench, xml.XML_TO_ION, text, query="/trips/item")
    assert json.loads(rows) == {"a": 1, "b": ["x", "<&>"], "c": {"d": True}, "e": ""}
    books = '<c xmlns="urn:x"><b id="1">x</b><b id="2"><t>007</t></b></c>'
    assert (
        await good(bench, xml.XML_TO_ION, books)
        == b'{"c":{"b":[{"id":1,"content":"x"},{"id":2,"t":"007"}]}}\n'
    )
    forced = await good(bench, xml.XML_TO_ION, "<c><b>1</b></c>", parserConfiguration={"forceList": ["b"]})
    assert forced == b'{"c":{"b":[1]}}\n'


async def test_xml_reads_no_other_file(bench: Bench, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("planted")
    content = f'<!DOCTYPE c [<!ENTITY x SYSTEM "file://{tmp_path}/secret">]><c><b>&x;</b></c>'
    assert b"planted" not in await good(bench, xml.XML_TO_ION, content)


async def test_yaml_and_json(bench: Bench) -> None:
    assert await good(bench, yaml.YAML_TO_JSON, "a: 1\nb: [x]\n") == b'{"a":1,"b":["x"]}'
    assert await good(bench, yaml.YAML_TO_JSON, "a: 1\n---\na: 2\n", jsonl=True) == b'{"a":1}\n{"a":2}\n'
    assert await good(bench, yaml.JSON_TO_YAML, '{"a":1.5,"b":["ü"]}') == "a: 1.5\nb:\n- ü\n".encode()
    assert await good(bench, yaml.JSON_TO_YAML, '{"a":1}\n{"a":2}\n', jsonl=True) == b"a: 1\n---\na: 2\n"


@pytest.mark.parametrize(
    ("task", "content", "properties", "text"),
    [
        (csv_types.CSV_TO_ION, "a,b\n1\n", {}, "line 2 has 1 fields, and the header has 2"),
        (csv_types.CSV_TO_ION, 'a\n"x"y\n', {}, "line 2: "),
        (csv_types.CSV_TO_ION, "a\nxxx\n", {"maxFieldSize": 2}, "line 2: a field has more than 2 characters (maxFieldSize)"),
        (csv_types.CSV_TO_ION, b"a\n\xff\n", {}, "the file is not in charset UTF-8"),
        (csv_types.CSV_TO_ION, "a\n", {"charset": "no"}, "charset `no` is not known: write one such as UTF-8"),
        (csv_types.ION_TO_CSV, "[1]\n", {}, "the first row is a list, which has no names for a header: set header to false"),
        (csv_types.ION_TO_CSV, "2024-01-02\n", {"header": False}, "row 1 is a date: each row must be a map or a list"),
        (csv_types.ION_TO_CSV, '{"a":2024-01-02}\n', {"dateFormat": "yyyy-MM-dd HH"}, "cannot be written as `yyyy-MM-dd HH`: it has no hour"),
        (csv_types.ION_TO_CSV, '{"a":2024-01-02}\n', {"dateFormat": "yyyy-qq"}, "the letter `q`, which is not known here"),
        (csv_types.ION_TO_CSV, '{"a":\n', {}, "from: the file is not Ion from line 1 on"),
        (csv_types.ION_TO_CSV, ROWS, {"timeZoneId": "Mars/North"}, "timeZoneId `Mars/North` is no time zone"),
        (json_types.JSON_TO_ION, '{"a":1}\n{"a":', {}, "the file is not JSON from line 2 on"),
        (json_types.JSON_TO_ION, '[{"a":1}', {"newLine": False}, "the file is not JSON"),
        (avro.AVRO_TO_ION, "no avro", {}, "record 1 cannot be read"),
        (avro.ION_TO_AVRO, ROWS, {"schema": "{"}, "schema: this is not JSON"),
        (avro.ION_TO_AVRO, "", {}, "there is no row that says what the types are: give a schema"),
        (parquet.PARQUET_TO_ION, "no parquet", {}, "the file is not Parquet, or damaged"),
        (parquet.ION_TO_PARQUET, '{"a":1}\n{"a":"x"}\n', {}, "Parquet has no union of long and string"),
        (excel.EXCEL_TO_ION, "no workbook", {}, "the file is no workbook of Excel (.xlsx)"),
        (xml.XML_TO_ION, "<a>", {}, "the file is not XML"),
        (xml.XML_TO_ION, "<a/>", {"query": "/a/b"}, "query: the file has no element /a/b"),
        (xml.ION_TO_XML, '{"1 x":1}\n', {}, "`1 x` cannot be the name of an element"),
        (yaml.YAML_TO_ION, "a: [", {}, "the file is not YAML"),
    ],
)  # fmt: skip
async def test_what_fails_says_why(
    bench: Bench, task: TaskType, content: Any, properties: Any, text: str
) -> None:
    assert text in await why(bench, task, content, **properties)


async def test_a_missing_file_fails_by_name(bench: Bench) -> None:
    ended = await bench.run(csv_types.CSV_TO_ION, {"from": SOURCE})
    assert (ended.outcome, SOURCE in ended.message) == ("failed", True)
