"""A class of incidents with a procedure of its own: a filed case follows its stages, on the same clocks and in the same log."""

import uuid
from typing import Any

import pytest
from django.utils import timezone

from gridmap.models import Role
from incidents.models import Incident
from tests.factories import DISTRICT, LID, LITTER, STREET, Caller, Town, user

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
    at = f"/procedures/{begun.json()['procedure']}"
    guide = {"basis": "", "basis_en": "", "conditions": "", "conditions_en": "", "materials": []}
    assert (
        found.put(f"{at}/draft", {"mutation_id": str(uuid.uuid4()), "stages": STAGES, "guide": guide}).status_code
        == 200
    )
    day = str(timezone.localdate())
    forced = found.post(f"{at}/force", {"mutation_id": str(uuid.uuid4()), "valid_from": day})
    assert forced.status_code == 200, forced.content
    return found


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
