"""Photos of cases: clean, bounded, once, only for those who may see the case; whatever crashes, nothing is half there."""

import threading
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings
from django.core.management import call_command
from django_tasks_db.models import DBTaskResult
from PIL import ExifTags, Image

from gridmap.actions import put_stale_jobs_back
from incidents import actions, store
from incidents.actions.photos import MOST_PHOTOS
from incidents.models import Attachment, Incident
from tests import factories
from tests.factories import NEXT_CELL, Caller, Town, photo
from tests.rows import counts
from tests.threads import at_once


def taken(size: tuple[int, int] = (640, 480), orientation: int = 1) -> BytesIO:
    """A photo as a phone takes it: the left half red, with place, time and device in it, turned by its orientation."""
    image = Image.new("RGB", size, (30, 30, 220))
    image.paste((220, 30, 30), (0, 0, size[0] // 2, size[1]))
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    exif[ExifTags.Base.Make] = "SecretPhoneMaker"
    gps = exif.get_ifd(ExifTags.IFD.GPSInfo)
    gps[ExifTags.GPS.GPSLatitudeRef], gps[ExifTags.GPS.GPSLatitude] = "N", (28.0, 52.0, 11.0)
    out = BytesIO()
    image.save(out, "JPEG", exif=exif, comment=b"secret comment")
    out.seek(0)
    out.name = "photo.jpg"
    return out


def upload(caller: Caller, card: dict[str, Any], file: Any, *, expect: int = 201, **form: Any) -> dict[str, Any]:
    answer = caller.upload(
        f"/incidents/{card['id']}/photos", **{"id": str(uuid4()), "kind": "before", "file": file, **form}
    )
    assert answer.status_code == expect, answer.content
    found: dict[str, Any] = answer.json()
    return found


def download(caller: Caller, photo_id: str, *, thumb: bool = False, expect: int = 200) -> bytes:
    answer = caller.get(f"/photos/{photo_id}{'/thumb' if thumb else ''}")
    assert answer.status_code == expect, answer.content
    if expect != 200:
        return b""
    assert answer["Content-Type"] == "image/jpeg"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "private" in answer["Cache-Control"]
    return b"".join(answer.streaming_content)


def files() -> list[Path]:
    return sorted(path for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file())


# --- what comes back ---


def test_a_photo_comes_back_without_place_time_device_or_comment(town: Town) -> None:
    card = town.worker.report()
    data = download(town.director, upload(town.worker, card, taken())["id"])
    image = Image.open(BytesIO(data))
    assert image.format == "JPEG"
    assert not image.getexif()
    assert "comment" not in image.info
    for secret in (b"SecretPhoneMaker", b"secret comment", b"Exif", b"GPS"):
        assert secret not in data
    assert [path.read_bytes() for path in files()] == [data]


@pytest.mark.parametrize(("orientation", "red_at"), [(1, (10, 240)), (3, (630, 240)), (6, (240, 10)), (8, (240, 630))])
def test_a_photo_stays_the_way_up_it_was_taken(town: Town, orientation: int, red_at: tuple[int, int]) -> None:
    added = upload(town.worker, town.worker.report(), taken(orientation=orientation))
    image = Image.open(BytesIO(download(town.worker, added["id"])))
    assert image.size == (added["width"], added["height"]) == ((640, 480) if orientation in (1, 3) else (480, 640))
    red, green, blue = image.getpixel(red_at)  # type: ignore[misc]  # three bands
    assert red > 180
    assert max(green, blue) < 80


def test_a_large_photo_is_made_smaller(town: Town) -> None:
    added = upload(town.worker, town.worker.report(), photo((4000, 3000)))
    assert (added["width"], added["height"]) == (2048, 1536)


def test_a_case_names_its_photos_and_the_first_is_its_cover(town: Town) -> None:
    card = town.worker.report()
    before = upload(town.worker, card, photo())
    after = upload(town.worker, card, photo(colour="red"), kind="after")
    detail = town.director.detail(card)
    assert [(p["id"], p["kind"]) for p in detail["photos"]] == [(before["id"], "before"), (after["id"], "after")]
    assert detail["photo"] == before["id"]
    assert town.director.client.get(detail["photos"][0]["url"]).status_code == 401
    for shown in detail["photos"]:
        assert shown["url"] == f"/api/photos/{shown['id']}"
        assert shown["thumb_url"] == f"/api/photos/{shown['id']}/thumb"
    kinds = [moment["kind"] for moment in detail["timeline"]]
    assert kinds == ["incident.reported", "incident.photo_added", "incident.photo_added"]


# --- what is not taken ---


def bytes_named(data: bytes, name: str = "photo.jpg") -> BytesIO:
    out = BytesIO(data)
    out.name = name
    return out


def noise(megabytes: int) -> BytesIO:
    """A real JPEG whose file is that large."""
    data = photo().getvalue()
    return bytes_named(data + b"\0" * (megabytes * 1_000_000 - len(data)))


BAD: dict[str, tuple[Any, int, str]] = {
    "30 MB": (lambda: noise(30), 413, "photo_too_large"),
    "text": (lambda: bytes_named("这不是照片".encode() * 100), 422, "photo_not_an_image"),
    "nothing": (lambda: bytes_named(b""), 422, "photo_not_an_image"),
    "a PDF": (lambda: bytes_named(b"%PDF-1.7\n" + b"x" * 500), 422, "photo_not_an_image"),
    "SVG with a script": (lambda: bytes_named(b"<svg><script>alert(1)</script></svg>"), 422, "photo_not_an_image"),
    "HEIC": (lambda: bytes_named(b"\0\0\0\x18ftypheic" + b"\0" * 200), 422, "photo_heic"),
    "half a photo": (lambda: bytes_named(photo((800, 600)).getvalue()[:900]), 422, "photo_truncated"),
}


@pytest.mark.parametrize("what", BAD)
def test_what_is_no_photo_is_refused_by_name_and_changes_nothing(town: Town, what: str) -> None:
    make, status, code = BAD[what]
    card = town.worker.report()
    before = counts()
    error = upload(town.worker, card, make(), expect=status)
    assert error["code"] == code
    assert set(error["fields"]) == {"file"}
    assert counts() == before
    assert files() == []
    assert town.worker.detail(card)["version"] == 1


def test_a_photo_as_text_field_is_refused(town: Town) -> None:
    card = town.worker.report()
    before = counts()
    assert upload(town.worker, card, "text instead of a file", expect=422)["code"] == "invalid"
    assert counts() == before


@pytest.mark.parametrize("form", [{"id": "one"}, {"kind": "during"}, {"id": ""}])
def test_a_form_that_is_wrong_names_the_field(town: Town, form: dict[str, str]) -> None:
    card = town.worker.report()
    before = counts()
    assert set(upload(town.worker, card, photo(), expect=422, **form)["fields"]) == set(form)
    assert counts() == before


def test_a_case_holds_so_many_photos_and_no_more(town: Town) -> None:
    card = town.worker.report()
    Attachment.objects.bulk_create(
        Attachment(
            id=uuid4(), incident_id=card["id"], kind="before", sha256=f"{n:064}", width=1, height=1, size=1,
            uploaded_by=town.worker.user,
        )
        for n in range(MOST_PHOTOS - 1)
    )  # fmt: skip
    upload(town.worker, card, photo())
    error = upload(town.worker, card, photo(colour="red"), expect=409)
    assert error["code"] == "too_many_photos"
    assert str(MOST_PHOTOS) in error["message"]


# --- for whom ---


def test_a_photo_is_seen_by_those_who_see_its_case(town: Town) -> None:
    card = town.worker.report()
    added = upload(town.worker, card, photo())["id"]
    for caller in (town.worker, town.acceptor, town.dispatcher, town.director, town.community, town.auditor):
        download(caller, added)
        download(caller, added, thumb=True)
    for caller in (
        town.second_worker,
        town.other_director,
        town.handler,
        town.planner,
        town.administrator,
        town.stranger,
    ):
        download(caller, added, expect=404)
        download(caller, added, thumb=True, expect=404)
    assigned = town.dispatcher.act(
        town.acceptor.act(town.worker.detail(card), "file"), "assign", department=town.sanitation.pk
    )
    assert assigned["state"] == "assigned"
    download(town.handler, added)
    download(town.gardener, added, expect=404)


def test_the_same_picture_in_two_cases_is_one_file_and_still_two_permissions(town: Town) -> None:
    here, there = town.worker.report(), town.second_worker.report(cell=NEXT_CELL)
    mine, hers = upload(town.worker, here, photo())["id"], upload(town.second_worker, there, photo())["id"]
    assert len(files()) == 1
    assert download(town.worker, mine) == download(town.second_worker, hers)
    download(town.worker, hers, expect=404)


def test_who_may_not_add_one_leaves_no_file(town: Town) -> None:
    card = town.worker.report()
    upload(town.auditor, card, photo(), expect=403)
    upload(town.second_worker, card, photo(), expect=404)
    upload(town.worker, {"id": str(uuid4())}, photo(), expect=404)
    assert files() == []


# --- once ---


def test_a_repeat_gets_the_first_answer(town: Town) -> None:
    card = town.worker.report()
    identity = str(uuid4())
    first = upload(town.worker, card, taken(), id=identity)
    before = counts()
    again = upload(town.worker, card, taken(), id=identity, expect=200)
    assert again == first | {"replayed": True}
    assert counts() == before
    assert len(files()) == 1


@pytest.mark.parametrize("change", [{"kind": "after"}, {"file": "other"}])
def test_an_id_used_for_another_photo_is_refused(town: Town, change: dict[str, Any]) -> None:
    card = town.worker.report()
    identity = str(uuid4())
    upload(town.worker, card, photo(), id=identity)
    before = counts()
    other = photo(colour="red") if "file" in change else photo()
    error = upload(town.worker, card, other, id=identity, kind=change.get("kind", "before"), expect=409)
    assert error["code"] == "id_reused"
    assert counts() == before


def test_an_id_used_in_another_case_is_refused(town: Town) -> None:
    first, second = town.worker.report(), town.worker.report()
    identity = upload(town.worker, first, photo())["id"]
    assert upload(town.worker, second, photo(), id=identity, expect=409)["code"] == "id_reused"


@pytest.mark.django_db(transaction=True)
def test_the_same_upload_six_times_at_once_is_one_photo() -> None:
    town = factories.town()
    card = town.worker.report()
    identity = str(uuid4())

    def send() -> int:
        body = {"id": identity, "kind": "before", "file": taken()}
        status: int = town.worker.upload(f"/incidents/{card['id']}/photos", **body).status_code
        return status

    assert sorted(at_once([send] * 6)) == [200] * 5 + [201]
    assert Attachment.objects.count() == 1
    assert Incident.objects.get(pk=card["id"]).version == 2


@pytest.mark.django_db(transaction=True)
def test_photos_added_at_once_are_all_there_with_one_version_each() -> None:
    town = factories.town()
    card = town.worker.report()
    colours = ["red", "green", "blue", "yellow", "black"]
    at_once([lambda colour=colour: upload(town.worker, card, photo(colour=colour)) for colour in colours])  # type: ignore[misc]
    detail = town.director.detail(card)
    assert len(detail["photos"]) == 5
    assert detail["version"] == 6
    assert detail["photo"] in {shown["id"] for shown in detail["photos"]}


# --- small pictures, made by the worker ---


def run_worker() -> None:
    call_command("db_worker", "--batch", "--no-startup-delay", verbosity=0)


@pytest.mark.django_db(transaction=True)
def test_the_small_picture_is_made_by_the_worker_and_until_then_the_large_one_serves() -> None:
    town = factories.town()
    added = upload(town.worker, town.worker.report(), photo((1600, 1200)))["id"]
    assert download(town.director, added, thumb=True) == download(town.director, added)
    run_worker()
    assert DBTaskResult.objects.get().status == "SUCCESSFUL"
    small = Image.open(BytesIO(download(town.director, added, thumb=True)))
    assert small.size == (320, 240)
    assert len(files()) == 2


@pytest.mark.django_db(transaction=True)
def test_a_job_that_is_run_twice_or_after_a_crash_makes_the_same_picture_once() -> None:
    town = factories.town()
    card = town.worker.report()
    upload(town.worker, card, photo((1600, 1200)))
    run_worker()
    before = [path.read_bytes() for path in files()]
    DBTaskResult.objects.update(
        status="RUNNING", started_at="2025-01-01T00:00:00Z", finished_at=None
    )  # killed in the middle
    assert put_stale_jobs_back() == 1
    run_worker()
    assert DBTaskResult.objects.get().status == "SUCCESSFUL"
    assert [path.read_bytes() for path in files()] == before
    assert actions.make_thumbs(Incident.objects.get().pk) == 0


# --- crashes ---


def test_what_a_crash_left_in_the_folder_is_in_nobodys_way(town: Town) -> None:
    card = town.worker.report()
    added = upload(town.worker, card, photo())
    (path,) = files()
    Attachment.objects.all().delete()  # as if the process had died between the file and the row
    (path.parent / "tmpabc123").write_bytes(b"half a file")
    again = upload(town.worker, card, photo())
    assert download(town.worker, again["id"]) == path.read_bytes()
    assert again["id"] != added["id"]


def test_a_photo_whose_file_is_gone_is_a_404_and_no_failure(town: Town) -> None:
    card = town.worker.report()
    added = upload(town.worker, card, photo())["id"]
    for path in files():
        path.unlink()
    download(town.worker, added, expect=404)
    download(town.worker, added, thumb=True, expect=404)
    assert len(town.worker.detail(card)["photos"]) == 1


def test_a_file_is_written_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = store.path_of(tmp_path, "ab" * 32)

    def full(*args: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="No space"):
        store.write(path, b"data")
    assert not path.exists()
    monkeypatch.undo()
    store.write(path, b"data")
    assert path.read_bytes() == b"data"


def test_the_same_content_written_by_many_at_once_is_one_whole_file(tmp_path: Path) -> None:
    path, data = store.path_of(tmp_path, "cd" * 32), b"x" * 2_000_000
    threads = [threading.Thread(target=store.write, args=(path, data)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert path.read_bytes() == data
    assert [one for one in path.parent.iterdir() if one != path] == []
