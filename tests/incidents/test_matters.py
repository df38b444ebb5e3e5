"""Matters through the API: registered at the counter, from stage to stage by whom the procedure names, back, on, to the end."""

import random
import uuid
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from pyhanko.pdf_utils.reader import PdfFileReader

from gridmap.models import Role, StreamEvent
from incidents import archive, jobs, queries, seal
from incidents.models import Incident, Procedure
from tests.counter import register
from tests.factories import OTHER_STREET, RELIEF, Caller, log_earlier, photo
from tests.factories import user as person

pytestmark = pytest.mark.django_db


def actions_of(who: Caller, card: dict[str, Any]) -> set[str]:
    return {action["name"] for action in who.detail(card)["actions"]}


def test_a_matter_goes_through_six_steps_by_five_people_with_every_directed_action(counter: dict[str, Caller]) -> None:
    clerk, acceptor, director, bureau = (counter[name] for name in ("clerk", "acceptor", "director", "bureau"))
    card = register(clerk)
    assert (card["state"], card["stage"], card["domain"]) == ("processing", "accept", "matter")
    assert card["due_at"]
    asked = acceptor.act(card, "supplement", reason="缺少困难证明")
    assert (asked["state"], asked["due_at"]) == ("waiting", None)
    papers = clerk.upload(f"/incidents/{card['id']}/photos", id=str(uuid.uuid4()), kind="document", file=photo())
    assert papers.status_code == 201
    back = clerk.act(clerk.detail(card), "resubmit", text="补齐")
    assert (back["state"], back["stage"]) == ("processing", "accept")
    urgent = acceptor.act(back, "expedite", reason="无处居住")
    assert urgent["urgent"]
    card = acceptor.act(urgent, "approve")
    card = clerk.act(card, "approve", text="属实")
    card = director.act(card, "send_back", reason="请写明人数")
    assert card["stage"] == "community"
    card = clerk.act(card, "extend", reason="入户核实需要时间")
    card = director.act(card, "endorse_extension", outcome="pass")
    card = counter["leader"].act(card, "grant_extension", outcome="pass")
    card = clerk.act(card, "approve", text="一家三口")
    card = director.act(card, "approve", text="同意", signed=True)
    assert card["stage"] == "bureau"
    assert actions_of(counter["other_bureau"], card) == set() if visible(counter["other_bureau"], card) else True
    card = bureau.act(card, "approve", text="核准", signed=True)
    card = acceptor.act(card, "finish")
    assert (card["state"], card["due_at"]) == ("closed", None)
    whole = director.detail(card)
    assert [s["stage_name"] for s in whole["procedure"]["signatures"]] == ["街道审核", "厅局终审"]
    kinds = [moment["kind"].removeprefix("incident.") for moment in whole["timeline"]]
    assert kinds == [
        "registered", "supplement_asked", "photo_added", "resubmitted", "expedited", "approved", "approved", "sent_back",
        "extension_asked", "extension_endorsed", "extension_granted", "approved", "approved", "approved", "finished",
    ]  # fmt: skip
    reasons = [moment["text"] for moment in whole["timeline"] if moment["kind"].endswith(("_asked", "sent_back"))]
    assert reasons == ["缺少困难证明", "请写明人数", "入户核实需要时间"]


def visible(who: Caller, card: dict[str, Any]) -> bool:
    return bool(who.get(f"/incidents/{card['id']}").status_code == 200)


def test_only_whom_the_stage_names_may_act_and_only_as_it_offers(counter: dict[str, Caller]) -> None:
    card = register(counter["clerk"])
    assert actions_of(counter["director"], card).isdisjoint({"approve", "refuse"})
    assert counter["director"].act(card, "approve", expect=403)["code"] == "forbidden"
    assert counter["acceptor"].act(card, "finish", expect=403)["code"] == "forbidden"
    assert {"approve", "supplement", "refuse", "extend"} <= actions_of(counter["acceptor"], card)


def test_another_bureau_does_not_see_what_is_not_its_own(counter: dict[str, Caller]) -> None:
    card = register(counter["clerk"])
    assert not visible(counter["other_bureau"], card)
    assert not visible(counter["bureau"], card)
    for who, given in (("acceptor", {}), ("clerk", {"text": "属实"}), ("director", {"text": "同意", "signed": True})):
        card = counter[who].act(card, "approve", **given)
    assert visible(counter["bureau"], card)
    assert not visible(counter["other_bureau"], card)


def test_what_waits_for_somebody_is_in_her_list_and_in_no_other(counter: dict[str, Caller]) -> None:
    card = register(counter["clerk"])

    def todo(who: str) -> list[str]:
        return [c["id"] for c in counter[who].get("/incidents?mine=todo&domain=matter").json()["items"]]

    assert (todo("acceptor"), todo("clerk"), todo("director")) == ([card["id"]], [], [])
    card = counter["acceptor"].act(card, "supplement", reason="缺材料")
    assert (todo("acceptor"), todo("clerk"), todo("director")) == ([card["id"]], [card["id"]], [])
    card = counter["clerk"].act(card, "resubmit", text="补齐")
    card = counter["acceptor"].act(card, "approve")
    assert (todo("acceptor"), todo("clerk"), todo("director")) == ([], [card["id"]], [])


def test_a_stage_is_not_left_without_what_it_asks_for(counter: dict[str, Caller]) -> None:
    card = counter["acceptor"].act(register(counter["clerk"]), "approve")
    assert counter["clerk"].act(card, "approve", expect=422)["code"] == "text_needed"
    card = counter["clerk"].act(card, "approve", text="属实")
    assert counter["director"].act(card, "approve", text="同意", expect=422)["code"] == "signature_needed"
    assert counter["director"].act(card, "refuse", expect=422)["code"] == "reason_needed"
    refused = counter["director"].act(card, "refuse", reason="不符合条件")
    assert (refused["state"], refused["due_at"]) == ("refused", None)


def test_a_registration_sent_again_is_the_same_matter_and_a_wrong_one_changes_nothing(
    counter: dict[str, Caller],
) -> None:
    once = str(uuid.uuid4())
    first, again = register(counter["clerk"], id=once), register(counter["clerk"], id=once, expect=200)
    assert (first["id"], again["number"], again["replayed"]) == (again["id"], first["number"], True)
    assert register(counter["clerk"], id=once, description="别的", expect=409)["code"] == "id_reused"
    count = Incident.objects.count()
    assert register(counter["clerk"], area="990101001999", expect=422)["code"] == "unknown_area"
    assert register(counter["clerk"], area=OTHER_STREET + "001", expect=403)["code"] == "forbidden"
    assert register(counter["clerk"], class_key="GB30428.2-2013/event/0110", expect=422)["code"] == "no_procedure"
    assert counter["acceptor"].report(class_key=RELIEF, expect=422)["code"] == "unknown_class"
    assert Incident.objects.count() == count


def edit(manager: Caller, stages: list[dict[str, Any]]) -> Any:
    found = next(p for p in manager.get("/procedures").json() if p["class_key"] == RELIEF)
    body = {"mutation_id": str(uuid.uuid4()), "stages": stages, "guide": found["versions"][-1]["guide"]}
    answer = manager.client.put(
        f"/api/procedures/{found['id']}/draft", body, content_type="application/json",
        headers={"authorization": f"Bearer {manager.token}"},
    )  # fmt: skip
    assert answer.status_code == 200, answer.content
    return found


def force(manager: Caller, procedure: int, *, expect: int = 200, **changes: Any) -> Any:
    body = {"mutation_id": str(uuid.uuid4()), "valid_from": str(timezone.localdate()), **changes}
    answer = manager.post(f"/procedures/{procedure}/force", body)
    assert answer.status_code == expect, answer.content.decode()
    return answer.json()


def test_a_running_case_keeps_its_version_and_a_new_one_follows_the_new(counter: dict[str, Caller]) -> None:
    manager = Caller(person("manager", Role.ADMINISTRATOR, "990101"))
    old = register(counter["clerk"])
    short = [
        {
            "key": "only",
            "name": "当场办结",
            "level": "street",
            "role": "acceptor",
            "limit": "1d",
            "results": {"finish": ""},
        }
    ]
    found = edit(manager, short)
    assert register(counter["clerk"])["stage"] == "accept"  # a draft is nobody's procedure
    force(manager, found["id"])
    new = register(counter["clerk"])
    assert (new["stage"], new["stage_name"]) == ("only", "当场办结")
    assert counter["acceptor"].act(old, "approve")["stage"] == "community"
    assert counter["acceptor"].act(new, "finish")["state"] == "closed"
    assert StreamEvent.objects.filter(kind="procedure.changed", object_id=str(found["id"])).count() == 3
    assert [v["number"] for v in manager.get("/procedures").json()[0]["versions"]] == [1, 2]


def test_a_procedure_with_a_dead_end_is_kept_as_a_draft_and_refused_when_put_in_force(
    counter: dict[str, Caller],
) -> None:
    manager = Caller(person("manager", Role.ADMINISTRATOR, "990101"))
    round_trip = [
        {"key": "a", "name": "甲", "level": "street", "role": "acceptor", "results": {"approve": "b"}},
        {"key": "b", "name": "乙", "level": "street", "role": "director", "results": {"approve": "a"}},
    ]
    found = edit(manager, round_trip)
    refused = force(manager, found["id"], expect=409)
    assert {flaw["code"] for flaw in refused["detail"]["flaws"]} == {"dead_end"}
    assert manager.post("/procedures/check", {"area": "990101", "stages": round_trip}).json()["flaws"]
    assert force(manager, found["id"], valid_from="2020-01-01", expect=422)["code"] == "past_date"
    assert register(counter["clerk"])["stage"] == "accept"


def test_a_dry_run_holds_a_draft_against_past_cases(counter: dict[str, Caller]) -> None:
    manager = Caller(person("manager", Role.ADMINISTRATOR, "990101"))
    card = register(counter["clerk"])
    log_earlier(card, timedelta(days=30))
    relief = Procedure.objects.get(klass__code="001")
    found = manager.get(f"/procedures/{relief.pk}/trial?version=1").json()
    assert (found["tried"], found["late"], found["cases"]) == (1, {"accept": 1}, [card["number"]])


# --- the archive


def finished(counter: dict[str, Caller]) -> dict[str, Any]:
    """A matter that has come to its end, with a paper in it."""
    card = register(counter["clerk"], class_key="local:matters/matter/003", description="周六下午 <借> 活动室")
    form = {"id": str(uuid.uuid4()), "kind": "document", "file": photo()}
    assert counter["clerk"].upload(f"/incidents/{card['id']}/photos", **form).status_code == 201
    return counter["clerk"].act(counter["clerk"].detail(card), "finish")


def check(who: Caller, pdf: bytes) -> dict[str, Any]:
    answer = who.upload("/archives/check", file=SimpleUploadedFile("archive.pdf", pdf))
    assert answer.status_code == 200, answer.content
    found: dict[str, Any] = answer.json()
    return found


@pytest.fixture
def sealed(settings: Any, tmp_path: Path) -> Path:
    settings.SEAL_ROOT = tmp_path / "seal"
    seal.make_demo(settings.SEAL_ROOT, "望江街道办事处")
    return tmp_path / "seal"


def test_a_finished_matter_has_an_archive_that_is_signed_and_a_change_of_one_byte_breaks_it(
    counter: dict[str, Caller], sealed: Path
) -> None:
    card = finished(counter)
    assert (
        counter["director"].get(f"/incidents/{card['id']}/archive").status_code == 404
    )  # the worker has not made it yet
    assert jobs.archive.func("", 0, card["id"])
    assert not jobs.archive.func("", 0, card["id"])  # a job that runs again makes no second one
    answer = counter["director"].get(f"/incidents/{card['id']}/archive")
    pdf = b"".join(answer.streaming_content)
    verdict = check(counter["clerk"], pdf)
    assert (verdict["valid"], verdict["signer"]) == (True, "望江街道办事处")
    chance = random.Random(1)
    for place in [*chance.sample(range(len(pdf)), 60), 0, len(pdf) - 1]:
        changed = bytearray(pdf)
        changed[place] ^= 1
        assert not seal.check(bytes(changed), sealed).valid, place
    assert check(counter["clerk"], pdf[:-9] + b"x" * 9)["valid"] is False
    assert counter["director"].detail(card)["archived"]
    assert [m["kind"] for m in counter["director"].detail(card)["timeline"]][-1] == "incident.archived"
    assert counter["other_bureau"].get(f"/incidents/{card['id']}/archive").status_code == 404


def test_what_no_office_of_ours_signed_is_not_valid(counter: dict[str, Caller], sealed: Path, tmp_path: Path) -> None:
    card = finished(counter)
    pdf = archive.render(queries.dossier(UUID(card["id"])))
    assert check(counter["clerk"], pdf)["signed"] is False
    seal.make_demo(tmp_path / "forger", "望江街道办事处")  # the same name proves nothing
    forged = check(counter["clerk"], seal.sign(pdf, tmp_path / "forger", reason="x"))
    assert (forged["valid"], forged["intact"], forged["trusted"]) == (False, True, False)
    for nonsense in (b"", b"%PDF-1.7", b"hello", photo().read(), pdf[: len(pdf) // 2]):
        assert check(counter["clerk"], nonsense)["valid"] is False


def test_the_archive_holds_what_was_asked_every_step_and_the_papers(counter: dict[str, Caller]) -> None:
    card = finished(counter)
    whole = queries.dossier(UUID(card["id"]))
    assert [(m.what, m.who) for m in whole.moments] == [("登记", "Clerk"), ("添加照片", "Clerk"), ("办结", "Clerk")]
    assert [paper.name for paper in whole.papers] == ["01.jpg"]
    assert whole.description == "周六下午 <借> 活动室"
    files = PdfFileReader(BytesIO(archive.render(whole))).root["/Names"]["/EmbeddedFiles"]["/Names"]
    assert len(files) == 2  # a name and its file


def test_without_a_certificate_a_matter_ends_all_the_same(
    counter: dict[str, Caller], settings: Any, tmp_path: Path
) -> None:
    settings.SEAL_ROOT = tmp_path / "nothing"
    card = finished(counter)
    assert not jobs.archive.func("", 0, card["id"])
    assert counter["director"].detail(card)["archived"] is False
