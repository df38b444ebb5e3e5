"""`manage.py import_incidents` on a made-up GB18030 file: what is stored, what is refused, and that a repeat adds nothing."""

import csv
import os
from collections import Counter
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from gridmap.models import Area, StreamEvent
from incidents import imports
from incidents.actions.imports import import_street
from incidents.models import Incident, IncidentClass

SAMPLE = Path(__file__).parent / "data" / "made_up_gb18030.csv"  # 12 rows: 6 are taken, 6 refused

pytestmark = pytest.mark.django_db


def run(tmp_path: Path, capsys: pytest.CaptureFixture[str], *options: str, file: Path = SAMPLE) -> str:
    call_command("import_incidents", str(file), "--report", str(tmp_path / "refused.csv"), *options)
    return capsys.readouterr().out


def test_accepted_rows_become_cases_of_their_community(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = run(tmp_path, capsys)
    assert "12 rows: 6 accepted, 6 refused" in out
    assert Incident.objects.count() == 6
    cover = Incident.objects.select_related("klass").get(imported__record="9004")
    assert (cover.area_code, cover.street, cover.klass.key) == (
        "440310001904",
        "440310001",
        "local:pingshan-2018/event/630",
    )
    assert cover.reported_at.isoformat() == "2018-04-05T03:11:11+00:00"  # 11:11:11 in Shanghai
    assert (cover.point, cover.closed_at, cover.due_at, cover.reporter, cover.overdue) == (
        None,
        None,
        None,
        None,
        False,
    )


def test_the_on_time_flag_is_kept_as_said_and_an_unarchived_case_is_open(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(tmp_path, capsys)
    found = {i.imported["record"]: (i.imported["on_time"], i.state) for i in Incident.objects.all() if i.imported}
    assert found["9001"] == (True, "closed")
    assert found["9002"] == (False, "closed")
    assert found["9005"] == (None, "filed")


def test_no_forbidden_name_is_stored(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(tmp_path, capsys)
    assert Incident.objects.filter(imported__record="9006", imported__unit="").exists()
    assert not Incident.objects.filter(imported__type__in=["治安维稳", "文体旅游"]).exists()
    assert not IncidentClass.objects.filter(name__in=["合同纠纷", "精神文明建设", "政策外多孩"]).exists()


def test_every_refused_row_stands_in_the_report(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = run(tmp_path, capsys)
    with (tmp_path / "refused.csv").open(encoding="utf-8-sig", newline="") as lines:
        rows = list(csv.DictReader(lines))
    assert [(row["line"], row["record"], row["code"]) for row in rows] == [
        ("8", "9007", "not_built"),
        ("9", "9008", "not_built"),
        ("10", "9009", "not_built"),
        ("11", "9010", "no_place"),
        ("12", "9011", "bad_time"),
        ("13", "9001", "repeated_record"),
    ]
    assert str(tmp_path / "refused.csv") in out
    assert "治安维稳" in out


def test_one_event_per_street_says_how_many(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(tmp_path, capsys)
    events = StreamEvent.objects.filter(kind="incident.imported").order_by("stream")
    assert [(event.stream, event.payload) for event in events] == [
        ("440310001", {"accepted": 3, "refused": 1}),
        ("440310006", {"accepted": 3, "refused": 4}),
    ]


def test_a_repeat_adds_nothing_and_changes_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(tmp_path, capsys)
    Incident.objects.filter(imported__record="9005").update(state="assigned")
    Area.objects.filter(pk="440310001904").update(name="坪山社区（新）")
    before, log = list(Incident.objects.order_by("pk").values()), StreamEvent.objects.count()
    assert "0 cases stored, 6 were there already" in run(tmp_path, capsys)
    assert list(Incident.objects.order_by("pk").values()) == before
    assert StreamEvent.objects.count() == log
    assert Area.objects.get(pk="440310001904").name == "坪山社区（新）"


def test_a_longer_file_adds_only_what_is_new(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines = SAMPLE.read_bytes().splitlines(keepends=True)
    shorter = tmp_path / "shorter.csv"
    shorter.write_bytes(b"".join(lines[:4]))
    assert "3 cases stored, 0 were there already" in run(tmp_path, capsys, file=shorter)
    assert "3 cases stored, 3 were there already" in run(tmp_path, capsys)
    numbers = Incident.objects.values_list("street", "number")
    assert len(set(numbers)) == 6


def test_areas_are_provisional_and_without_a_border(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(tmp_path, capsys)
    communities = Area.objects.filter(level=5)
    assert communities.count() == 23
    assert all(area.provisional and area.geom is None for area in communities)
    assert not Area.objects.filter(level=4, provisional=True).exists()


def test_imported_classes_are_not_offered_for_new_reports(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(tmp_path, capsys)
    assert IncidentClass.objects.filter(scheme="local:pingshan-2018").count() == 6
    assert not IncidentClass.objects.filter(scheme="local:pingshan-2018", valid_to__isnull=True).exists()


def test_a_check_stores_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "6 accepted" in run(tmp_path, capsys, "--check")
    assert (tmp_path / "refused.csv").exists()
    assert not Incident.objects.exists()
    assert not Area.objects.exists()


def test_what_cannot_be_imported_ends_with_a_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    beliefs = tmp_path / "beliefs.csv"
    beliefs.write_bytes(SAMPLE.read_bytes().replace(b"REPORT_NUM", "宗教信仰".encode("gb18030"), 1))
    for file, sentence in ((beliefs, "宗教信仰"), (tmp_path / "none.csv", "none.csv")):
        with pytest.raises(CommandError, match=sentence):
            run(tmp_path, capsys, file=file)
    with pytest.raises(CommandError, match="no mapping file"):
        run(tmp_path, capsys, "--mapping", "elsewhere")
    assert not Incident.objects.exists()


def test_a_street_is_stored_whole_or_not_at_all(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(tmp_path, capsys)
    Incident.objects.all().delete()
    mapping = imports.read_mapping(imports.DATA / "pingshan.toml")
    cases = [row for row in imports.read(SAMPLE.read_bytes(), mapping) if isinstance(row, imports.Accepted)]
    with pytest.raises(ValueError, match="does not lie in 440310001"):
        import_street("440310001", cases, mapping=mapping, refused=0)
    assert not Incident.objects.exists()


@pytest.mark.real_data
@pytest.mark.skipif("GRIDMAP_REAL_DATA" not in os.environ, reason="GRIDMAP_REAL_DATA names no folder")
def test_the_real_file_is_stored_whole(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = Path(os.environ["GRIDMAP_REAL_DATA"]) / "incidents" / "pingshan_minsheng_2018_to_sep_gb18030.csv.gz"
    run(tmp_path, capsys, file=file)
    refusals = len((tmp_path / "refused.csv").read_text(encoding="utf-8").splitlines()) - 1
    assert Incident.objects.count() + refusals == 3981
    flags = Counter(imported["on_time"] for imported in Incident.objects.values_list("imported", flat=True) if imported)
    assert flags == {True: 3324, False: 475, None: 2}
