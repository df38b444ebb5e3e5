"""Imports beside others who record the same, and the way back where something has happened since."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError
from django.utils import timezone

from gridmap import actions, events
from gridmap.actions import import_rows, import_undo
from gridmap.actions.register import draft_moved
from gridmap.jobs import imports as jobs
from gridmap.models import Department, ImportRun, Organisation, PublicObject
from tests.factories import CELL, COMMUNITY, NEXT_CELL, Town
from tests.gridmap.intake.runs import LID_CODE, LIDS, counts, lon, look, step, taken, upload, work

HEAD = "单位名称,单位类型,统一社会信用代码,经度,纬度\n"
SHOP = f"望江超市,商铺,{{}},{lon(CELL)},28.01\n"


def test_what_somebody_records_at_the_same_moment_is_found_the_second_time(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken(town.community, LIDS, record="object")
    real, calls = import_rows._look_up, list[int]()

    def not_seen_at_first(batch: Any, rows: Any, known: dict[str, Any]) -> None:
        real(batch, rows, known)
        calls.append(1)
        if len(calls) == 1:
            known.clear()

    monkeypatch.setattr(import_rows, "_look_up", not_seen_at_first)
    again = taken(town.community, LIDS, record="object")
    assert (again["state"], counts(again)) == ("done", {"same": 2})


def test_a_failure_says_its_kind_in_the_log_of_the_server_and_nothing_of_what_was_in_the_file(
    town: Town, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    run = upload(town.community, LIDS, record="object")
    work()
    step(town.community, run, "start")

    def fails(*args: Any) -> None:
        raise IntegrityError(f"DETAIL: Key (natural_key)=({LID_CODE}) exists")

    monkeypatch.setattr(import_rows, "store", fails)
    work()
    assert look(town.community, run)["state"] == "failed"
    assert (LID_CODE in caplog.text, "IntegrityError" in caplog.text, run["id"] in caplog.text) == (False, True, True)


def test_undoing_keeps_what_cannot_have_its_old_name_back(town: Town) -> None:
    taken(town.community, HEAD + SHOP.format(""), record="organisation")
    coded = taken(town.community, HEAD + SHOP.format("91350100M000100Y43"), record="organisation")
    taken(town.community, HEAD + SHOP.format(""), record="organisation")  # a second one of the name of before
    assert Organisation.objects.count() == 2
    step(town.community, coded, "undo")
    work()
    after = look(town.community, coded)
    assert (after["state"], counts(after)) == ("undone", {"changed": 1, "kept": 1})
    assert [(one["value"], one["code"]) for one in after["refusals"]] == [("望江超市", "changed_since")]
    assert Organisation.objects.filter(uscc="91350100M000100Y43", ended_at=None).count() == 1


def test_undoing_that_fails_stops_and_can_be_asked_for_again(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    done = taken(town.community, LIDS, record="object")

    def fails(*args: Any) -> bool:
        raise ValueError

    with monkeypatch.context() as patched:
        patched.setattr(import_undo, "undo", fails)
        step(town.community, done, "undo")
        work()
    stopped = look(town.community, done)
    assert (stopped["state"], bool(stopped["reason"])) == ("stopped", True)
    step(town.community, done, "undo")
    work()
    assert (look(town.community, done)["state"], look(town.community, done)["reason"]) == ("undone", "")
    assert not PublicObject.objects.filter(ended_at=None).exists()


def test_an_import_that_is_half_undone_does_not_go_on(town: Town) -> None:
    done = taken(town.community, LIDS, record="object")
    ImportRun.objects.filter(pk=done["id"]).update(state="stopped", undone=1, position=1)
    assert step(town.community, done, "start", expect=409)["code"] == "import_state"


def test_cells_that_were_cut_anew_since_keep_nothing_from_being_undone(town: Town) -> None:
    done = taken(town.community, LIDS, record="object")
    lid = PublicObject.objects.get(code=LID_CODE)
    PublicObject.objects.filter(pk=lid.pk).update(area_code=NEXT_CELL, version=2)
    events.record(draft_moved("object", lid.pk, 2, CELL, NEXT_CELL), None)
    step(town.community, done, "undo")
    work()
    assert counts(look(town.community, done)) == {"made": 2, "undone": 2}


def test_a_department_is_meant_only_where_it_serves_and_by_a_name_that_no_other_has(town: Town) -> None:
    actions.put_department("far", name="远处管护站", name_en="Far", area_code="990102")
    for code in ("a", "b"):
        actions.put_department(code, name="两个科", name_en="Two", area_code="990101")
    names = ("远处管护站", "两个科", "环　卫", "环卫")
    lines = [f"990101010100000{n},井盖,{name},{lon(CELL)},28.01" for n, name in enumerate(names)]
    Department.objects.filter(code="sanitation").update(name="环\u3000卫")
    done = taken(
        town.community, "\n".join(["部件编码,名称,养护单位,经度,纬度", *lines]), record="object", area=COMMUNITY
    )
    assert [(one["row"], one["code"]) for one in done["refusals"]] == [
        (1, "unknown_department"), (2, "unknown_department"), (4, "unknown_department"),
    ]  # fmt: skip
    assert PublicObject.objects.get().maintainer == Department.objects.get(code="sanitation")


def test_a_dry_run_of_very_many_rows_looks_at_the_first_ones_and_says_so(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_rows, "AT_ONCE", 1)
    monkeypatch.setattr(jobs, "MOST_CHECKED", 1)
    run = upload(town.community, LIDS, record="object")
    work()
    step(town.community, run, "check")
    work()
    checked = look(town.community, run)
    assert (checked["state"], checked["position"], checked["rows"]) == ("checked", 1, 2)
    step(town.community, run, "start")
    work()
    assert counts(look(town.community, run)) == {"made": 2}
    assert timezone.now() - ImportRun.objects.get(pk=run["id"]).touched_at < timedelta(minutes=5)
