"""The XML schemas of an events account's metadata profiles.

The real schemas are not public; the elements and their order are those of Kaltura's
published samples.
"""

from __future__ import annotations

TEXT, DATE, LIST, OBJECT = "textType", "dateType", "listType", "objectType"
Element = tuple[str, str, str]

#: (name, type, how often) in the order of the published samples.
KWEBCAST: tuple[Element, ...] = (
    ("SlidesDocEntryId", TEXT, "1"),
    ("IsKwebcastEntry", TEXT, "1"),
    ("IsSelfServe", TEXT, "1"),
)
EVENTS: tuple[Element, ...] = (
    ("StartTime", DATE, "1"),
    ("EndTime", DATE, "1"),
    ("Timezone", TEXT, "1"),
)
PRESENTER: tuple[Element, ...] = tuple(
    (f"Presenter{name}", TEXT, "1") for name in ("Id", "Name", "Title", "Bio", "Link", "Image")
)
ADDITIONAL_INFO: tuple[Element, ...] = (("Key", TEXT, "1"), ("Value", TEXT, "1"))

_TYPES = f"""
  <xsd:simpleType name="{TEXT}"><xsd:restriction base="xsd:string"/></xsd:simpleType>
  <xsd:simpleType name="{DATE}"><xsd:restriction base="xsd:long"/></xsd:simpleType>
  <xsd:simpleType name="{LIST}"><xsd:restriction base="xsd:string"/></xsd:simpleType>
  <xsd:simpleType name="{OBJECT}"><xsd:restriction base="xsd:string"/></xsd:simpleType>
"""


def _element(name: str, kind: str, most: str, indent: str = "      ", group: str = "") -> str:
    return (
        f'{indent}<xsd:element id="md_{group}{name}" name="{name}" minOccurs="0" maxOccurs="{most}"'
        f' type="{kind}">\n{indent}  <xsd:annotation><xsd:documentation/><xsd:appinfo>'
        f"<label>{name}</label><key>{name}</key><searchable>false</searchable>"
        f"<timeControl>false</timeControl><description/></xsd:appinfo></xsd:annotation>\n"
        f"{indent}</xsd:element>"
    )


def _group(name: str, elements: tuple[Element, ...]) -> str:
    """An element that repeats and holds elements of its own."""
    inner = "\n".join(
        _element(*element, indent="          ", group=f"{name}_") for element in elements
    )
    return (
        f'      <xsd:element id="md_{name}" name="{name}" minOccurs="0" maxOccurs="unbounded">\n'
        f"        <xsd:complexType><xsd:sequence>\n{inner}\n"
        f"        </xsd:sequence></xsd:complexType>\n      </xsd:element>"
    )


def _schema(*parts: str) -> str:
    body = "\n".join(parts)
    return (
        '<xsd:schema xmlns:xsd="http://www.w3.org/2001/XMLSchema">\n'
        '  <xsd:element name="metadata">\n    <xsd:complexType><xsd:sequence>\n'
        f"{body}\n    </xsd:sequence></xsd:complexType>\n  </xsd:element>{_TYPES}</xsd:schema>\n"
    )


def kwebcast() -> str:
    """KMS_KWEBCAST2: this entry is a webcast."""
    return _schema(*(_element(*element) for element in KWEBCAST))


def events() -> str:
    """KMS_EVENTS3: times and presenters."""
    return _schema(*(_element(*element) for element in EVENTS), _group("Presenter", PRESENTER))


def additional_info() -> str:
    """EntryAdditionalInfo: JSON texts by key."""
    own = (_element(*element) for element in ADDITIONAL_INFO)
    return _schema(*own, _group("Detail", ADDITIONAL_INFO))
