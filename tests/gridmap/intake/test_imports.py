"""A file goes into the register: mapped, checked, taken, found again, taken back."""

import csv
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import numpy as np
import pytest
from django.db import OperationalError
from django.utils import timezone

from gridmap import actions
from gridmap.actions import import_rows
from gridmap.actions.imports import forget_files
from gridmap.datum import to_gcj02
from gridmap.jobs.imports import resume_imports, work_import
from gridmap.models import Grant, Household, ImportRun, Organisation, Place, PublicObject, StreamEvent
from gridmap.projection import turned
from tests.factories import CELL, NEXT_CELL, OTHER_CELL, Town
from tests.gridmap.intake.files import layer
from tests.gridmap.intake.runs import HOMES, LID_CODE, LIDS, counts, lon, look, step, taken, upload, work
from tests.gridmap.register import records


def test_a_file_of_objects_is_looked_at_mapped_and_taken(town: Town) -> None:
    run = upload(town.community, LIDS, record="object")
    assert look(town.community, run)["state"] == "uploaded"
    work()
    seen = look(town.community, run)
    assert (seen["state"], seen["rows"], seen["form"], seen["encoding"]) == ("ready", 2, "csv", "utf-8")
    assert seen["guess"]["columns"] == {"code": "部件编码", "name": "名称", "state": "状态", "x": "经度", "y": "纬度"}
    assert seen["look"][0] == [LID_CODE, "井盖", str(lon(CELL)), "28.01", "完好"]
    step(town.community, run, "start")
    work()
    done = look(town.community, run)
    assert (done["state"], counts(done)) == ("done", {"made": 2})
    assert list(PublicObject.objects.order_by("code").values_list("area_code", "state")) == [
        (CELL, "good"),
        (NEXT_CELL, "damaged"),
    ]


def test_households_of_a_list_stand_in_places_that_are_made_once(town: Town) -> None:
    done = taken(town.community, HOMES, record="household", area=CELL[:12], fixed={"area": CELL}, make_places=True)
    assert (done["state"], counts(done), done["reasons"]) == ("done", {"made": 3, "places": 8}, [])
    assert {home.title for home in Household.objects.all()} == {
        "锦绣花园 3幢 2单元 501", "锦绣花园 3幢 2单元 502", "锦绣花园 4幢 1单元 101",
    }  # fmt: skip
    assert set(Household.objects.values_list("area_code", flat=True)) == {CELL}


def test_undoing_ends_what_was_made_and_keeps_what_somebody_has_touched(town: Town) -> None:
    done = taken(town.community, HOMES, record="household", fixed={"area": CELL}, make_places=True)
    home = Household.objects.get(title__contains="502")
    records.change(town.worker, "household", {"id": str(home.pk), "version": 1}, {"size": 1, "over_60": 1})
    step(town.community, done, "undo")
    work()
    after = look(town.community, done)
    assert after["state"] == "undone"
    assert (after["undone"], after["kept"]) == (6, 5)
    assert {(one["value"], one["code"]) for one in after["refusals"]} == {
        ("锦绣花园 3幢 2单元 502", "changed_since"), ("锦绣花园 3幢 2单元 502", "in_use_since"), ("锦绣花园 3幢 2单元", "in_use_since"),
        ("锦绣花园 3幢", "in_use_since"), ("锦绣花园", "in_use_since"),
    }  # fmt: skip
    assert list(Household.objects.filter(ended_at=None)) == [home]
    assert Place.objects.filter(ended_at=None).count() == 4


# --- what is found again


def test_the_same_file_again_makes_nothing_and_changes_nothing(town: Town) -> None:
    taken(town.community, LIDS, record="object")
    assert counts(taken(town.community, LIDS, record="object")) == {"same": 2}
    taken(town.community, HOMES, record="household", fixed={"area": CELL}, make_places=True)
    again = taken(town.community, HOMES, record="household", fixed={"area": CELL}, make_places=True)
    assert counts(again) == {"same": 3}


def test_a_known_record_is_changed_and_its_history_names_the_import(town: Town) -> None:
    taken(town.community, LIDS, record="object")
    second = taken(town.community, LIDS.replace("完好", "丢失"), record="object")
    assert counts(second) == {"changed": 1, "same": 1}
    lid = PublicObject.objects.get(code=LID_CODE)
    history = town.worker.get(f"/register/object/{lid.pk}/history").json()
    assert [(one["what"], one["before"], one["after"], one["imported"]) for one in history[:1]] == [(
        "changed", {"state": "good"}, {"state": "missing"}, second["id"],
    )]  # fmt: skip
    assert history[1]["what"] == "recorded"
    assert history[1]["by"] == history[0]["by"] == "Cai"


def test_what_the_file_leaves_empty_stays(town: Town) -> None:
    taken(town.community, LIDS, record="object")
    only_names = f"部件编码,名称,状态,经度,纬度\n{LID_CODE},雨水井盖,,{lon(CELL)},28.01\n"
    assert counts(taken(town.community, only_names, record="object")) == {"changed": 1}
    lid = PublicObject.objects.get(code=LID_CODE)
    assert (lid.name, lid.state, lid.title, lid.version) == ("雨水井盖", "good", f"雨水井盖 {LID_CODE}", 2)


def test_an_organisation_known_by_its_name_gets_its_code_and_is_known_by_that_from_then_on(town: Town) -> None:
    line = f"望江超市,商铺,{{}},{lon(CELL)},28.01\n"
    head = "单位名称,单位类型,统一社会信用代码,经度,纬度\n"
    taken(town.community, head + line.format(""), record="organisation")
    assert counts(taken(town.community, head + line.format("91350100M000100Y43"), record="organisation")) == {
        "changed": 1
    }
    again = taken(
        town.community, head + line.format("91350100M000100Y43").replace("望江", "望江新"), record="organisation"
    )
    assert counts(again) == {"changed": 1}
    body = Organisation.objects.get()
    assert (body.name, body.natural_key) == ("望江新超市", "91350100M000100Y43")


# --- where rows lie


def test_each_row_gets_the_cell_in_which_it_lies_and_none_outside_of_the_area_of_the_import(town: Town) -> None:
    lines = "".join(
        f"990101010100000{n},井盖,{lon(cell)},28.01\n" for n, cell in enumerate((CELL, NEXT_CELL, OTHER_CELL))
    )
    nowhere = "9901010101000008,井盖,90,40\n9901010101000009,井盖,2.35,48.85\n"
    done = taken(town.community, "部件编码,名称,经度,纬度\n" + lines + nowhere, record="object")
    assert counts(done) == {"made": 2, "refused": 3}
    assert [(one["row"], one["code"]) for one in done["refusals"]] == [
        (3, "outside_area"),
        (4, "outside_area"),
        (5, "bad_coordinates"),
    ]


def test_shifted_coordinates_are_put_right_and_the_numbers_of_the_file_are_kept(town: Town) -> None:
    shifted = to_gcj02(np.array([[lon(CELL), 28.01]]))[0]
    text = f"部件编码,名称,经度(GCJ02),纬度(GCJ02)\n{LID_CODE},井盖,{shifted[0]:.8f},{shifted[1]:.8f}\n"
    run = upload(town.community, text, record="object")
    work()
    assert look(town.community, run)["guess"]["reference"] == "gcj02"
    step(town.community, run, "start")
    work()
    lid = PublicObject.objects.get()
    assert lid.point is not None
    assert (round(lid.point.x, 6), round(lid.point.y, 6)) == (lon(CELL), 28.01)
    event = StreamEvent.objects.get(object_id=str(lid.pk))
    assert event.payload["after"]["coordinates"] == f"{shifted[0]:.8f} {shifted[1]:.8f} gcj02"


def test_metres_of_the_local_zone_are_recognised_with_north_first(town: Town) -> None:
    east, north = turned(np.array([[lon(CELL), 28.01]]), 4326, 4544)[0]
    run = upload(
        town.community, f"部件编码,名称,X坐标,Y坐标\n{LID_CODE},井盖,{north:.3f},{east:.3f}\n", record="object"
    )
    work()
    guess = look(town.community, run)["guess"]
    assert (guess["reference"], guess["swapped"]) == ("epsg:4544", True)
    step(town.community, run, "start")
    work()
    assert PublicObject.objects.get().area_code == CELL


def test_degrees_without_a_word_of_their_datum_are_asked_about(town: Town) -> None:
    run = upload(town.community, LIDS, record="object")
    work()
    assert look(town.community, run)["guess"]["reference"] == ""
    answer = step(town.community, run, "check", expect=422, reference="")
    assert set(answer["fields"]) == {"reference"}


def test_map_data_lies_where_its_shapes_are(town: Town, tmp_path: Path) -> None:
    data = layer(
        tmp_path / "a.gpkg", {"ObjID": [LID_CODE], "ObjName": ["井盖"]}, [(lon(NEXT_CELL), 28.01)]
    ).read_bytes()
    assert counts(taken(town.community, data, record="object")) == {"made": 1}
    assert PublicObject.objects.get().area_code == NEXT_CELL


def test_a_column_names_the_cell_where_there_are_no_coordinates(town: Town) -> None:
    text = "网格,小区名称,类型\n第一网格,锦绣花园,小区\n第九网格,滨江苑,小区\n"
    done = taken(town.community, text)
    assert counts(done) == {"made": 1, "refused": 1}
    assert [(one["column"], one["value"], one["code"]) for one in done["refusals"]] == [
        ("网格", "第九网格", "unknown_area")
    ]
    assert Place.objects.get().area_code == CELL


# --- what is refused


def test_a_sheet_with_a_column_that_has_no_place_here_is_refused_as_a_whole_with_the_reason(town: Town) -> None:
    run = upload(town.community, "小区,房号,人数,民族\n锦绣花园,501,3,x\n", record="household")
    work()
    seen = look(town.community, run)
    assert (seen["state"], seen["columns"], seen["look"]) == ("failed", [], [])
    assert seen["reason"] == "表中有“民族”列,整表不予接收:民族属于个人敏感信息，本系统不记录。请删除该列后再上传。"
    assert "Ethnicity is not recorded here." in look(town.community, run, "en")["reason"]
    step(town.community, run, "start", expect=409)


def test_every_refused_row_says_its_column_its_value_and_why(town: Town) -> None:
    lines = [
        f"{LID_CODE},井盖,完好,105.005,28.01", "99010101,井盖,完好,105.005,28.01", f"{LID_CODE},井盖,完好,105.005,28.01",
        "9901010101000003,,完好,105.005,28.01", "9901010101000004,井盖,不明,105.005,28.01", "9901010101000005,井盖,完好,,",
        "9.901010101E+15,井盖,完好,105.005,28.01",
    ]  # fmt: skip
    done = taken(town.community, "\n".join(["部件编码,名称,状态,经度,纬度", *lines]), record="object")
    assert counts(done) == {"made": 1, "refused": 6}
    assert [(one["row"], one["column"], one["code"]) for one in done["refusals"]] == [
        (2, "部件编码", "bad_object_code"), (3, "部件编码", "repeated_row"), (4, "名称", "missing"), (5, "状态", "unknown_choice"),
        (6, "经度", "point_needed"), (7, "部件编码", "digits_lost"),
    ]  # fmt: skip
    answer = town.community.get(f"/imports/{done['id']}/refusals", "en")
    table = list(csv.reader(StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))
    assert table[0] == ["row", "column", "value", "reason", "code"]
    assert table[1] == ["2", "部件编码", "99010101", "The code of an object has 16 digits.", "bad_object_code"]
    assert len(table) == 7


def test_columns_of_persons_are_covered_in_the_look_at_a_file_and_never_taken(town: Town) -> None:
    text = "小区,楼栋,房号,人数,户主姓名,备注\n锦绣花园,3幢,501,3,张伟,电话13800138000\n"
    run = upload(town.community, text, record="household")
    work()
    assert look(town.community, run)["look"] == [["锦绣花园", "3幢", "501", "3", "•••", "电话•••"]]
    step(town.community, run, "start", fixed={"area": CELL}, make_places=True)
    work()
    kept = b"".join(str(row).encode() for row in StreamEvent.objects.values_list("payload", flat=True))
    assert "张伟".encode() not in kept + str(list(ImportRun.objects.values())).encode()


def test_an_address_that_is_not_recorded_is_refused_unless_places_may_be_made(town: Town) -> None:
    assert counts(taken(town.community, HOMES, record="household", fixed={"area": CELL})) == {"refused": 3}
    assert Place.objects.count() == 0


def test_households_go_in_only_where_they_may_be_seen(town: Town) -> None:
    run = upload(town.community, HOMES, record="household")
    assert town.administrator.get(f"/imports/{run['id']}").status_code == 404
    assert upload(town.administrator, HOMES, record="household", expect=403)["code"] == "forbidden"


# --- check, stop, go on, undo


def test_a_dry_run_says_what_would_come_and_writes_nothing(town: Town) -> None:
    twice = HOMES + HOMES.split("\n", 1)[1] + "锦绣花园,4幢,1单元,102,很多,\n"
    run = upload(town.community, twice, record="household")
    work()
    step(town.community, run, "check", fixed={"area": CELL}, make_places=True)
    work()
    checked = look(town.community, run)
    assert checked["state"] == "checked"
    assert (
        Place.objects.count(),
        Household.objects.count(),
        StreamEvent.objects.filter(kind__startswith="household").count(),
    ) == (0, 0, 0)
    step(town.community, run, "start", fixed={"area": CELL}, make_places=True)
    work()
    done = look(town.community, run)
    assert counts(checked) == counts(done) == {"made": 3, "places": 8, "refused": 4}
    assert checked["refusals"] == done["refusals"]


def test_a_worker_that_dies_leaves_whole_batches_and_the_next_one_goes_on_there(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_rows, "AT_ONCE", 2)
    real, calls = import_rows._write, []

    def dies(*args: Any) -> None:
        real(*args)
        calls.append(1)
        if len(calls) == 2:
            raise OperationalError("killed")

    monkeypatch.setattr(import_rows, "_write", dies)
    lines = "".join(f"99010101010000{n:02},井盖,{lon(CELL)},28.01\n" for n in range(7))
    run = upload(town.community, "部件编码,名称,经度,纬度\n" + lines, record="object")
    work()
    step(town.community, run, "start")
    with pytest.raises(OperationalError):
        work()
    assert PublicObject.objects.count() == 2
    assert (look(town.community, run)["position"], resume_imports()) == (2, 0)
    ImportRun.objects.update(touched_at=timezone.now() - timedelta(minutes=5))
    assert (resume_imports(), resume_imports()) == (1, 0)
    work()
    assert counts(look(town.community, run)) == {"made": 7}
    assert StreamEvent.objects.filter(kind="register.recorded").count() == PublicObject.objects.count() == 7


def test_two_workers_on_one_import_take_no_row_twice(town: Town) -> None:
    run = upload(town.community, LIDS, record="object")
    work()
    step(town.community, run, "start")
    work_import.func("", 0, run["id"])
    work_import.func("", 0, run["id"])
    assert not import_rows.take(UUID(run["id"]), 0, 2, [], [])
    assert counts(look(town.community, run)) == {"made": 2}


def test_an_import_can_be_stopped_and_goes_on_where_it_was(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_rows, "AT_ONCE", 1)
    run = upload(town.community, LIDS, record="object")
    work()
    step(town.community, run, "start")
    real = import_rows.take

    def stopped(*args: Any) -> bool:
        more = bool(real(*args))
        step(town.community, run, "stop")
        return more

    monkeypatch.setattr(import_rows, "take", stopped)
    work()
    monkeypatch.setattr(import_rows, "take", real)
    half = look(town.community, run)
    assert (half["state"], half["position"], counts(half)) == ("stopped", 1, {"made": 1})
    step(town.community, run, "check", expect=409)
    step(town.community, run, "start")
    work()
    assert counts(look(town.community, run)) == {"made": 2}


def test_undoing_puts_back_what_was_changed(town: Town) -> None:
    taken(town.community, LIDS, record="object")
    moved = taken(
        town.community,
        LIDS.replace("完好", "丢失").replace(str(lon(NEXT_CELL)), str(lon(CELL) + 0.001)),
        record="object",
    )
    assert set(PublicObject.objects.values_list("area_code", flat=True)) == {CELL}
    step(town.community, moved, "undo")
    work()
    assert counts(look(town.community, moved)) == {"changed": 2, "undone": 2}
    rows = PublicObject.objects.order_by("code").values_list("area_code", "state", "version", "ended_at")
    assert list(rows) == [(CELL, "good", 3, None), (NEXT_CELL, "damaged", 3, None)]


def test_what_belongs_to_a_place_that_an_import_moves_goes_along_and_comes_back(town: Town) -> None:
    file = f"类型,名称,经度,纬度\n楼栋,3幢,{lon(CELL)},28.01\n"
    taken(town.community, file)
    home = records.dwelling(town.community, str(Place.objects.get().pk))
    moved = taken(town.community, file.replace(str(lon(CELL)), str(lon(NEXT_CELL))))
    assert records.look(town.community, "place", home["id"])["area"] == NEXT_CELL
    assert StreamEvent.objects.get(kind="register.moved").object_id == home["id"]
    step(town.community, moved, "undo")
    work()
    assert counts(look(town.community, moved)) == {"changed": 1, "undone": 1}
    assert records.look(town.community, "place", home["id"])["area"] == CELL


def test_a_step_is_taken_from_the_state_that_was_seen_or_not_at_all(town: Town) -> None:
    run = upload(town.community, LIDS, record="object")
    work()
    body = {"mutation_id": str(uuid4()), "version": 1}
    assert town.community.post(f"/imports/{run['id']}/start", body).json()["code"] == "import_state"
    assert step(town.community, run, "undo", expect=409)["code"] == "import_state"
    assert step(town.community, run, "start", expect=422, columns={"name": "名称", "x": "经度"})["fields"].keys() == {
        "code",
        "y",
    }
    assert step(town.community, run, "start", expect=422, columns={"code": "无此列", "name": "名称"})[
        "fields"
    ].keys() == {
        "code",
        "reference",
    } - {"reference"}


def test_an_upload_comes_once_and_its_file_is_deleted_after_a_week(
    town: Town, settings: Any, django_capture_on_commit_callbacks: Any
) -> None:
    run = upload(town.community, LIDS, record="object")
    work()
    folder = Path(settings.MEDIA_ROOT) / "imports"
    assert len(list(folder.iterdir())) == 2
    assert forget_files() == 0
    ImportRun.objects.update(touched_at=timezone.now() - timedelta(days=8))
    with django_capture_on_commit_callbacks(execute=True):
        assert forget_files() == 1
    assert list(folder.iterdir()) == []
    assert step(town.community, run, "start", expect=409)["code"] == "import_file_gone"


def test_whoever_lost_the_right_meanwhile_imports_no_further(town: Town) -> None:
    run = upload(town.community, LIDS, record="object")
    work()
    step(town.community, run, "start")
    actions.revoke(Grant.objects.get(user=town.community.user))
    work()
    assert PublicObject.objects.count() == 0
    assert ImportRun.objects.get().reason["code"] == "import_right_gone"
