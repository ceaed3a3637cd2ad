"""``serdes.xml.*``"""

from __future__ import annotations

from typing import ClassVar

from toccata.plugin import Properties, dynamic, static
from toccata.plugins.families.serdes.dates import Zoned
from toccata.plugins.families.serdes.properties import InCharset, converter


class ParserConfiguration(Properties):
    """What the structure of the file does not say."""

    force_list: list[str] = dynamic([], doc="names of elements that are lists, also where there is only one")


class XmlToIon(InCharset):
    """Reads XML. Attributes and elements become fields, repeated elements lists, and texts that are numbers or booleans so.

    The text of an element that has attributes is the field `content`."""

    conversion: ClassVar[str] = "xml:to_ion"
    ending: ClassVar[str] = ".ion"

    query: str | None = dynamic(
        None,
        doc="path to the element that repeats, such as `/catalog/book`: each is a row; without it, the document is one",
    )
    parser_configuration: ParserConfiguration | None = static(None, doc="how elements are read")


class IonToXml(Zoned, InCharset):
    """Writes each row as an element `item`."""

    conversion: ClassVar[str] = "xml:from_ion"
    ending: ClassVar[str] = ".xml"

    root_name: str = dynamic("items", doc="name of the outer element")


XML_TO_ION = converter(XmlToIon, "xml.XmlToIon", "Read XML", "XmlReader")
ION_TO_XML = converter(IonToXml, "xml.IonToXml", "Write XML", "XmlWriter")
