"""``serdes.yaml.*``"""

from __future__ import annotations

from typing import ClassVar

from toccata.plugin import dynamic
from toccata.plugins.families.serdes.properties import InCharset, converter


class YamlToIon(InCharset):
    """Reads YAML. Each document is a row, or each element of one that is a list."""

    conversion: ClassVar[str] = "yaml:to_ion"
    ending: ClassVar[str] = ".ion"


class IonToYaml(InCharset):
    """Writes each row as a document."""

    conversion: ClassVar[str] = "yaml:from_ion"
    ending: ClassVar[str] = ".yaml"


class YamlToJson(InCharset):
    """Writes documents of YAML as JSON."""

    conversion: ClassVar[str] = "yaml:to_json"
    ending: ClassVar[str] = ".json"

    jsonl: bool = dynamic(
        default=False, doc="true: a document a line; false: the document, or a list of several"
    )


class JsonToYaml(InCharset):
    """Writes JSON as YAML."""

    conversion: ClassVar[str] = "yaml:from_json"
    ending: ClassVar[str] = ".yaml"

    jsonl: bool = dynamic(default=False, doc="true: each line of JSON becomes a document")


YAML_TO_ION = converter(YamlToIon, "yaml.YamlToIon", "Read YAML")
ION_TO_YAML = converter(IonToYaml, "yaml.IonToYaml", "Write YAML")
YAML_TO_JSON = converter(YamlToJson, "yaml.YamlToJson", "Write YAML as JSON")
JSON_TO_YAML = converter(JsonToYaml, "yaml.JsonToYaml", "Write JSON as YAML")
