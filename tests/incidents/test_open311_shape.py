"""Open311 without a server: the mapping of XML to JSON, codes, and the span of a question."""

import json
from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidents import open311

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@given(st.text())
def test_any_text_makes_xml_that_can_be_read_and_keeps_what_xml_can_hold(text: str) -> None:
    found = ElementTree.fromstring(open311.as_bytes("xml", "services", [{"service_name": text}]))  # noqa: S314  # our own
    kept = open311.NOT_IN_XML.sub("", text).replace("\r\n", "\n").replace("\r", "\n")
    assert (found.findtext("service/service_name") or "") == kept


def test_a_list_of_one_is_a_list_in_both_formats_and_what_is_not_there_is_empty() -> None:
    content = {"service_code": "1", "attributes": [{"variable": True, "order": 1, "datatype_description": None}]}
    assert json.loads(open311.as_bytes("json", "service_definition", content)) == content
    text = open311.as_bytes("xml", "service_definition", content).decode()
    assert text.startswith('<?xml version="1.0" encoding="utf-8"?>\n<service_definition><service_code>1</service_code>')
    assert "<variable>true</variable><order>1</order><datatype_description /></attribute></attributes>" in text


@given(st.from_regex(r"[\w.:-]{1,20}/(event|object)/[\w.]{1,12}", fullmatch=True))
def test_a_code_names_its_class_again_and_fits_into_an_address(key: str) -> None:
    assert open311.key_of(open311.code_of(key)) == key
    assert "/" not in open311.code_of(key)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("2026-01-01T00:00:00Z", datetime(2026, 1, 1, tzinfo=UTC)),
        ("2026-01-01T08:00:00+08:00", datetime(2026, 1, 1, tzinfo=UTC)),
        ("2026-01-01T08:00:00 08:00", datetime(2026, 1, 1, tzinfo=UTC)),  # a plus as a form sends it
    ],
)
def test_a_moment_has_its_offset(text: str, meant: datetime) -> None:
    assert open311.moment(text) == meant


@pytest.mark.parametrize("text", ["2026-01-01", "2026-01-01T00:00:00", "yesterday", "", "0001-01-01T00:00:00+14:00"])
def test_what_is_no_moment_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        open311.moment(text)


def test_no_more_than_90_days_are_asked_at_once_and_the_last_ones_unless_said() -> None:
    assert open311.span(None, None, NOW) == (NOW - open311.SPAN, NOW)
    assert open311.span(None, NOW, NOW + timedelta(9)) == (NOW - open311.SPAN, NOW)
    assert open311.span(NOW, None, NOW) == (NOW, NOW + open311.SPAN)
    for start, end in ((NOW, NOW - timedelta(1)), (NOW, NOW + timedelta(days=90, seconds=1))):
        with pytest.raises(ValueError, match="90 days"):
            open311.span(start, end, NOW)
