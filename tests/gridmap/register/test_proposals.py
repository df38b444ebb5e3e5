"""Corrections proposed by those who may not edit: decided by who saw the record as it is, and told to who proposed them."""

from typing import Any
from uuid import uuid4

from django.utils import timezone

from gridmap.models import Place, Proposal
from tests.factories import CELL, NEXT_CELL, Caller, Town
from tests.gridmap.register.records import building, change, decide, end, look, point, propose


def waiting(caller: Caller) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = caller.get("/register/proposals").json()
    return found


def own(caller: Caller) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = caller.get("/register/proposals/own").json()
    return found


def test_who_may_not_edit_proposes_and_who_may_decides(town: Town) -> None:
    house = building(town.worker)
    assert change(town.acceptor, "place", house, {"floors": 6}, expect=403)["code"] == "forbidden"
    proposal = propose(town.acceptor, "place", house, {"floors": 6})
    [one] = waiting(town.worker)
    assert (one["by"], one["values"], one["now"], one["version"]) == ("Chen", {"floors": 6}, {"floors": None}, 1)
    assert decide(town.acceptor, proposal, expect=404)["code"] == "not_found"
    decide(town.worker, proposal)
    assert look(town.worker, "place", house["id"])["values"]["floors"] == 6
    assert decide(town.community, proposal, version=2, accept=False, expect=409)["code"] == "proposal_decided"
    assert waiting(town.worker) == []


def test_who_accepts_what_another_corrected_meanwhile_is_told_and_nothing_is_overwritten(town: Town) -> None:
    house = building(town.worker)
    proposal = propose(town.acceptor, "place", house, {"floors": 6})
    change(town.community, "place", house, {"floors": 9})
    clash = decide(town.worker, proposal, expect=409)
    assert (clash["code"], clash["detail"]["fields"]) == ("record_changed", ["floors"])
    assert look(town.worker, "place", house["id"])["values"]["floors"] == 9
    assert waiting(town.worker)[0]["version"] == 2
    decide(town.worker, proposal, version=2)


def test_deciding_from_a_desk_is_no_look_at_the_thing(town: Town) -> None:
    house = building(town.worker)
    Place.objects.update(due_on=timezone.localdate(), verified_at=None, verified_by=None)
    decide(town.community, propose(town.acceptor, "place", house, {"floors": 6}))
    found = look(town.worker, "place", house["id"])
    assert (found["verified_at"], found["due_on"]) == (None, str(timezone.localdate()))


def test_who_proposed_reads_what_became_of_it_and_why(town: Town) -> None:
    house, other = building(town.worker), building(town.worker, name="4幢")
    decide(town.worker, propose(town.acceptor, "place", house, {"floors": 6}), accept=False, reason="实地为五层")
    propose(town.acceptor, "place", other, {"floors": 7})
    assert [(one["title"], one["state"], one["reason"]) for one in own(town.acceptor)] == [
        ("4幢", "open", ""), ("3幢", "refused", "实地为五层")
    ]  # fmt: skip
    assert own(town.dispatcher) == []


def test_a_record_that_ends_takes_its_proposals_along(town: Town) -> None:
    house = building(town.worker)
    proposal = propose(town.acceptor, "place", house, {"floors": 6})
    end(town.worker, "place", house)
    [one] = own(town.acceptor)
    assert (one["state"], one["ended"]) == ("refused", True)
    assert waiting(town.worker) == []
    assert decide(town.worker, proposal, expect=409)["code"] == "proposal_decided"


def test_proposals_about_what_ended_keep_no_place_in_the_list_from_others(town: Town) -> None:
    gone = building(town.worker)
    made = propose(town.acceptor, "place", gone, {"floors": 6})
    Place.objects.filter(pk=gone["id"]).update(ended_at=timezone.now())
    one = Proposal.objects.get(pk=made)
    Proposal.objects.bulk_create(
        [
            Proposal(id=new_id, kind="place", record=one.record, area_code=CELL, values={}, proposed_by=one.proposed_by)
            for new_id in (uuid4() for _ in range(60))
        ]
    )
    fresh = propose(town.acceptor, "place", building(town.worker, name="4幢"), {"floors": 6})
    assert [one["id"] for one in waiting(town.worker)] == [fresh]


def test_a_proposal_goes_with_its_record_to_who_looks_after_it_now(town: Town) -> None:
    house = building(town.community)
    proposal = propose(town.acceptor, "place", house, {"floors": 6})
    change(town.community, "place", house, {}, **point(NEXT_CELL))
    assert waiting(town.worker) == []
    assert [one["id"] for one in waiting(town.second_worker)] == [proposal]
