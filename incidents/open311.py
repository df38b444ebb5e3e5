"""Open311 GeoReport v2 (wiki.open311.org) as bytes and spans of time: XML, its mapping to JSON, codes, what may be asked at once.

The standard names elements and their order; lists are containers with children of one name, and their JSON is an array (the
Spark convention). A value that is not there is an empty element, and null.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from xml.etree import ElementTree

import orjson

MOST = 1000  # requests in one answer
SPAN = timedelta(days=90)  # of one question
LONGEST = 4000  # characters of a description
# What the standard calls the children of each of its lists.
CHILDREN = {
    "services": "service", "attributes": "attribute", "values": "value", "service_requests": "request", "errors": "error",
    "endpoints": "endpoint", "formats": "format",
}  # fmt: skip
TYPES = {"xml": "text/xml; charset=utf-8", "json": "application/json; charset=utf-8"}
NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")

Node = Mapping[str, Any] | Sequence[Any] | str | float | bool | datetime | None


def as_bytes(form: str, name: str, content: Node) -> bytes:
    """`content` under the root element `name`, in "xml" or "json"; JSON has no name for its root."""
    if form == "json":
        return orjson.dumps(_plain(content))
    root = _element(name, content)
    return b'<?xml version="1.0" encoding="utf-8"?>\n' + ElementTree.tostring(root, encoding="unicode").encode()


def _element(name: str, content: Node) -> ElementTree.Element:
    element = ElementTree.Element(name)
    if isinstance(content, Mapping):
        element.extend(_element(key, value) for key, value in content.items())
    elif isinstance(content, list | tuple):
        element.extend(_element(CHILDREN[name], value) for value in content)
    elif content is not None:
        text = _plain(content)
        element.text = str(text).lower() if isinstance(text, bool) else NOT_IN_XML.sub("", str(text))
    return element


def _plain(content: Node) -> Any:
    """The same of texts, numbers, lists and dicts alone; a moment as the standard writes it, to the second."""
    if isinstance(content, Mapping):
        return {key: _plain(value) for key, value in content.items()}
    if isinstance(content, list | tuple):
        return [_plain(value) for value in content]
    if isinstance(content, datetime):
        return content.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return content


def code_of(class_key: str) -> str:
    """The service_code of a class; a slash would end a part of an address."""
    return ":".join(class_key.rsplit("/", 2))


def key_of(service_code: str) -> str:
    """The key of the class that a service_code names, whether there is one or not."""
    return "/".join(service_code.rsplit(":", 2))


def moment(text: str) -> datetime:
    """A date and time with its offset (a subset of ISO 8601); ValueError for anything else, also without an offset.

    A plus that came unescaped in an address arrives as a blank and is read as what was meant.
    """
    found = datetime.fromisoformat(re.sub(r"(?<=\d) (?=\d\d:\d\d$)", "+", text.strip()))
    if found.tzinfo is None:
        raise ValueError(f"no offset from UTC: {text}")
    return _safely(found, timedelta())


def span(start: datetime | None, end: datetime | None, now: datetime) -> tuple[datetime, datetime]:
    """From when to when is asked: at most 90 days, and the last ones when nothing else is said. ValueError otherwise."""
    if start is None:
        end = end or now
        return _safely(end, -SPAN), end
    end = _safely(start, SPAN) if end is None else end
    if not timedelta() <= end - start <= SPAN:
        raise ValueError("end_date lies before start_date, or more than 90 days after it")
    return start, end


def _safely(at: datetime, by: timedelta) -> datetime:
    try:
        return at.astimezone(UTC) + by
    except OverflowError as error:
        raise ValueError("a moment outside of the calendar") from error
