"""A class of incidents with a procedure of its own: a filed case follows its stages, on the same clocks and in the same log."""

import uuid
from typing import Any

import pytest
from django.utils import timezone

from gridmap import events
from gridmap.models import Role
from incidents.models import Incident, Procedure, Run
from incidents.queries import archives
from tests import counter
from tests.factories import DISTRICT, LID, LITTER, MATTER, STREET, Caller, Town, photo, put_procedure, user

STAGES: list[dict[str, Any]] = [
    {"key": "look", "name": "街道查看", "name_en": "Look", "level": "street", "role": "acceptor", "department": "", "limit": "4h",
     "requires": ["text"], "results": {"approve": "decide"}},
    {"key": "decide", "name": "主任决定", "name_en": "Decide", "level": "street", "role": "director", "department": "", "limit": "1d",
     "requires": [], "results": {"finish": "", "send_back": "", "refuse": ""}},
]  # fmt: skip


@pytest.fixture
def manager(town: Town) -> Caller:
    """Litter has a procedure of its own in the street, put in force by who manages procedures there."""
    found = Caller(user("manages", Role.ADMINISTRATOR, DISTRICT))
    begun = found.post("/procedures", {"mutation_id": str(uuid.uuid4()), "class_key": LITTER, "area": STREET})
    assert begun.status_code == 201, begun.content
    put_in_force(found, STAGES)
    return found


def put_in_force(manager: Caller, stages: list[dict[str, Any]]) -> None:
    """A version of the one procedure that she sees, from today on; one that is in force since today gives way."""
    at = f"/procedures/{Procedure.objects.get().pk}"
    guide = {"basis": "", "basis_en": "", "conditions": "", "conditions_en": "", "materials": []}
    drafted = manager.put(f"{at}/draft", {"mutation_id": str(uuid.uuid4()), "stages": stages, "guide": guide})
    assert drafted.status_code == 200, drafted.content
    day = str(timezone.localdate())
    forced = manager.post(f"{at}/force", {"mutation_id": str(uuid.uuid4()), "valid_from": day})
    assert forced.status_code == 200, forced.content


def running(card: dict[str, Any]) -> list[str]:
    """Whose clocks run on the case."""
    runs = Run.objects.filter(deadline__incident=card["id"], stopped_at=None)
    return sorted(runs.values_list("deadline__stage", flat=True))


def filed(town: Town, **changes: Any) -> dict[str, Any]:
    return town.acceptor.act(town.worker.report(**changes), "file")


def names(who: Caller, card: dict[str, Any]) -> set[str]:
    return {action["name"] for action in who.detail(card)["actions"]}


def test_a_filed_case_of_the_class_follows_its_stages_to_the_end(town: Town, manager: Caller) -> None:
    card = town.dispatcher.act(filed(town), "proceed")
    assert (card["state"], card["stage_name"]) == ("processing", "街道查看")
    assert card["due_at"]
    assert town.acceptor.act(card, "approve", expect=422)["code"] == "text_needed"
    card = town.acceptor.act(card, "approve", text="属实")
    assert names(town.acceptor, card).isdisjoint({"finish", "approve"})
    card = town.director.act(town.director.act(card, "send_back", reason="请写明数量"), "note", text="等补充")
    assert card["stage_name"] == "街道查看"
    card = town.director.act(town.acceptor.act(card, "approve", text="两堆"), "finish")
    assert (card["state"], card["due_at"]) == ("closed", None)
    kinds = [moment["kind"].removeprefix("incident.") for moment in town.director.detail(card)["timeline"]]
    assert kinds == ["reported", "filed", "proceeded", "approved", "sent_back", "noted", "approved", "finished"]


def test_it_is_offered_only_where_the_class_has_a_procedure(town: Town, manager: Caller) -> None:
    assert "proceed" in names(town.dispatcher, filed(town))
    other = filed(town, class_key=LID)
    assert "proceed" not in names(town.dispatcher, other)
    assert town.dispatcher.act(other, "proceed", expect=422)["code"] == "no_procedure"
    assert "proceed" not in names(town.acceptor, filed(town))


def test_a_case_under_way_keeps_the_version_it_began_with_and_is_no_matter_of_the_statistics(
    town: Town, manager: Caller
) -> None:
    card = town.dispatcher.act(filed(town), "proceed")
    row = Incident.objects.select_related("procedure").get(pk=card["id"])
    assert row.procedure is not None
    row.procedure.procedure.versions.create(number=2, valid_from=timezone.localdate(), stages=STAGES[1:])
    row.refresh_from_db()
    assert row.procedure is not None
    assert row.procedure.number == 1
    assert town.director.get("/statistics").json()["matters"] == []


def attach(who: Caller, card: dict[str, Any], kind: str) -> None:
    """A picture for the case, as what it shows."""
    colour = {"before": "teal", "document": "white", "after": "navy"}[kind]
    given = {"id": str(uuid.uuid4()), "kind": kind, "file": photo(colour=colour)}
    answer = who.upload(f"/incidents/{card['id']}/photos", **given)
    assert answer.status_code == 201, answer.content.decode()


def test_a_picture_of_the_report_is_no_photo_of_the_stage_and_papers_are_papers(town: Town, manager: Caller) -> None:
    put_in_force(manager, [{**STAGES[0], "requires": ["photo", "document"], "results": {"finish": ""}}])
    card = filed(town)
    attach(town.worker, card, "before")
    card = town.dispatcher.act(town.dispatcher.detail(card), "proceed")
    for kind, code in ((None, "document_needed"), ("document", "photo_needed")):
        if kind:
            attach(town.acceptor, card, kind)
        assert town.acceptor.act(town.acceptor.detail(card), "finish", expect=422)["code"] == code
    attach(town.acceptor, card, "after")
    assert town.acceptor.act(town.acceptor.detail(card), "finish")["state"] == "closed"


def test_a_case_is_taken_out_of_its_procedure_and_goes_to_a_department(town: Town, manager: Caller) -> None:
    card = town.acceptor.act(town.dispatcher.act(filed(town), "proceed"), "approve", text="属实")
    assert "withdraw" in names(town.dispatcher, card)
    card = town.dispatcher.act(card, "withdraw", reason="不必按流程办")
    assert card["state"] == "filed"
    row = Incident.objects.get(pk=card["id"])
    assert (row.procedure, row.stage, row.stage_name, row.stage_role, row.path) == (None, "", "", "", [])
    assert (row.level, running(card)) == ("street", ["filed"])
    card = town.dispatcher.act(card, "assign", department=town.sanitation.pk)
    assert names(town.handler, card) >= {"take", "handle", "object"}
    assert running(card) == ["handling"]


def test_a_matter_stays_in_its_procedure(town: Town) -> None:
    put_procedure(STAGES)
    matter = counter.register(town.acceptor, class_key=MATTER)
    assert town.director.act(matter, "withdraw", reason="错了", expect=409)["code"] == "is_matter"
    assert "withdraw" not in names(town.director, matter)


def test_who_was_called_to_help_owes_nothing_to_a_case_that_follows_a_procedure(town: Town, manager: Caller) -> None:
    card = town.dispatcher.act(filed(town), "assign", department=town.sanitation.pk)
    card = town.director.act(card, "whistle", parts=[{"department": town.gardens.pk, "task": "清运落枝"}])
    card = town.dispatcher.act(town.dispatcher.act(card, "withdraw", reason="改按流程"), "proceed")
    [part] = town.director.detail(card)["parts"]
    assert (part["end"], running(card)) == ("released", ["processing"])


def test_one_thing_is_one_case_while_it_follows_a_procedure(town: Town, manager: Caller) -> None:
    card = town.dispatcher.act(filed(town), "proceed")
    near = town.acceptor.get(f"/incidents/nearby?lon={card['lon']}&lat={card['lat']}&class_key={LITTER}").json()
    assert [one["id"] for one in near] == [card["id"]]
    again = {"lon": card["lon"], "lat": card["lat"], "occurred_at": timezone.now().isoformat(), "source": "hotline"}
    town.acceptor.act(card, "join", seen=again)
    other = town.worker.report()
    assert town.acceptor.act(other, "merge", reason="同一处", other=card["id"])["state"] == "merged"
    assert town.director.detail(card)["reports"] == 3
    card = town.acceptor.act(town.acceptor.detail(card), "approve", text="属实")
    assert town.director.act(card, "finish")["state"] == "closed"


def test_it_stands_in_the_list_of_whoever_has_the_stage(town: Town, manager: Caller) -> None:
    card = town.dispatcher.act(filed(town), "proceed")
    todo = "/incidents?mine=todo&state=processing,waiting"
    assert [one["id"] for one in town.acceptor.get(todo).json()["items"]] == [card["id"]]
    assert town.director.get(todo).json()["items"] == []


def test_a_stage_is_given_only_to_people_who_can_act_in_one(manager: Caller) -> None:
    stages = [{**STAGES[0], "role": "planner", "results": {"finish": ""}}]
    found = manager.post("/procedures/check", {"area": STREET, "stages": stages}).json()["flaws"]
    assert [(one["code"], one["word"]) for one in found] == [("unknown_role", "planner")]


def test_the_archive_has_words_for_whatever_can_happen_to_a_case() -> None:
    kinds = {kind for kind in events.kinds() if kind.startswith("incident.")}
    assert kinds
    assert kinds - set(archives.DONE) == set()
