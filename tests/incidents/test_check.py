"""The check of an archive is for everyone: without an account, with a limit, and in a process that can harm nobody."""

import zlib
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from incidents import apart, seal
from incidents.public import receipts
from tests.rows import counts

PLAIN = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
pytestmark = pytest.mark.django_db


def check(pdf: bytes) -> Any:
    return Client(headers={"host": "localhost"}).post("/api/archives/check", {"file": SimpleUploadedFile("a.pdf", pdf)})


def bomb() -> bytes:
    """Forty kilobytes of PDF that unpack to forty gigabytes: a stream of references, packed twice."""
    once = zlib.compress(bytes(40_000_000), 9)
    packed = zlib.compress(once, 9)
    head = b"%PDF-1.5\n"
    body = (
        b"1 0 obj<</Type/XRef/Size 2/W[1 2 1]/Root 2 0 R/Filter[/FlateDecode/FlateDecode]/Length "
        + str(len(packed)).encode() + b">>stream\n" + packed + b"\nendstream endobj\n"
    )  # fmt: skip
    return head + body + b"startxref\n" + str(len(head)).encode() + b"\n%%EOF\n"


@pytest.fixture
def office(settings: Any, tmp_path: Path) -> Path:
    settings.SEAL_ROOT = tmp_path / "seal"
    seal.make_demo(settings.SEAL_ROOT, "望江街道办事处")
    return tmp_path / "seal"


def test_anyone_sees_whether_an_archive_is_genuine_which_office_signed_it_and_when(
    office: Path, tmp_path: Path
) -> None:
    from weasyprint import HTML

    pdf = seal.sign(HTML(string="<p>办结</p>").write_pdf(), office, reason="归档")
    before = counts()
    found = check(pdf).json()
    assert (found["valid"], found["signer"]) == (True, "望江街道办事处")
    assert found["signed_at"]
    changed = check(pdf.replace(b"/Reason", b"/Reasom")).json()
    assert (changed["valid"], changed["signed"]) == (False, True)
    office.joinpath(seal.ROOTS).unlink()
    stranger = check(pdf).json()
    assert (stranger["valid"], stranger["intact"], stranger["trusted"]) == (False, True, False)
    kept = {table for table, rows in counts().items() if rows != before.get(table)}
    assert kept <= {"incidents_count", "incidents_salt"}  # how often, under a key of the day; nothing of the file


NO_ARCHIVES = {"nothing": b"", "text": b"no pdf", "plain": PLAIN, "deep": b"%PDF-1.7" + b"<<" * 50_000, "bomb": bomb()}


@pytest.mark.parametrize("pdf", NO_ARCHIVES.values(), ids=NO_ARCHIVES)
def test_what_is_no_signed_pdf_is_told_so_and_brings_nobody_down(office: Path, pdf: bytes) -> None:
    answer = check(pdf)
    assert (answer.status_code, answer.json()["signed"]) == (200, False) if pdf else answer.status_code in (200, 422)


def test_a_process_that_takes_too_much_is_ended_and_the_server_goes_on(
    office: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(apart, "MOST_SECONDS", 0.01)
    assert apart.check(PLAIN, office) == apart.UNSIGNED


def test_it_is_limited_by_size_and_by_how_often(office: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.PUBLIC_LIMITS = settings.PUBLIC_LIMITS | {"check.address": (1, 900)}
    monkeypatch.setattr(receipts, "ARCHIVE_MOST", len(PLAIN))
    assert check(PLAIN + b" ").status_code == 413
    assert [check(PLAIN).status_code for _ in range(2)] == [200, 429]
