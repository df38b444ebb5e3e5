"""Two users at once on one case: exactly one wins, the other sees why, and what she had seen overwrites nothing."""

import random
from collections import Counter
from functools import partial
from typing import Any
from uuid import uuid4

import pytest

from gridmap.models import Role, StreamEvent
from incidents.models import Incident
from incidents.workflow import STEPLESS, TERMINAL, Action
from tests import factories
from tests.factories import CELL, DISTRICT, MATTER, Caller, Town
from tests.threads import at_once
from tests.world import STAGES

PAIRS = 1000
LONGEST = 15  # steps of one case, then another is begun
TWINS = {
    "acceptor": Role.ACCEPTOR, "dispatcher": Role.DISPATCHER, "handler": Role.HANDLER, "gardener": Role.HANDLER, "director": Role.DIRECTOR,
}  # fmt: skip
BESIDE = {"other", "seen", "correction"}  # steps on two cases at once, and corrections, have tests of their own
Wish = tuple[Caller, str, dict[str, Any]]


@pytest.fixture
def desks(transactional_db: None) -> Town:
    """The tiny town with two people at every desk, and a kind of matter."""
    town = factories.town()
    for name, role in TWINS.items():
        department = {"handler": town.sanitation, "gardener": town.gardens}.get(name)
        person = factories.user(f"{name}-too", role, DISTRICT if department else factories.STREET, department)
        town.callers[f"{name}_too"] = Caller(person)
    factories.put_procedure(STAGES)
    return town


def begin(town: Town, chance: random.Random) -> dict[str, Any]:
    """A case of one of the three kinds that there are: a worker's, a citizen's, a matter."""
    kind = chance.choice(["patrol", "citizen", "matter"])
    if kind != "matter":
        return (town.acceptor if kind == "citizen" else town.worker).report(source=kind)
    answer = town.acceptor.post(
        "/matters", {"id": str(uuid4()), "class_key": MATTER, "area": CELL, "description": "申请"}
    )
    assert answer.status_code == 201, answer.content.decode()
    card: dict[str, Any] = answer.json()
    return card


def wishes(town: Town, card: dict[str, Any], chance: random.Random) -> list[Wish]:
    """Two different people who may act on the case, each with one of the steps offered to her, filled in."""
    people = [caller for name, caller in town.callers.items() if name.removesuffix("_too") in {"worker", *TWINS}]
    chance.shuffle(people)
    found: list[Wish] = []
    for person in people:
        detail = person.get(f"/incidents/{card['id']}")
        offered = detail.json()["actions"] if detail.status_code == 200 else []
        steps = [
            offer for offer in offered if Action(offer["name"]) not in STEPLESS and not BESIDE & set(offer["needs"])
        ]
        if steps:
            step = chance.choice(steps)
            found.append((person, step["name"], given(town, step["needs"], chance)))
        if len(found) == 2:
            break
    return found


def given(town: Town, needs: list[str], chance: random.Random) -> dict[str, Any]:
    """What a step needs, some of it at random."""
    known = {
        "reason": "有原因", "text": "已说明", "department": chance.choice([town.sanitation.pk, town.gardens.pk]),
        "outcome": chance.choice(["pass", "fail"]), "signature": True,
    }  # fmt: skip
    if "outcome" in needs:
        needs = [*needs, "reason"]
    return {"signed" if need == "signature" else need: known[need] for need in needs}


def send(card: dict[str, Any], wish: Wish) -> tuple[int, dict[str, Any]]:
    person, action, values = wish
    body = {"mutation_id": str(uuid4()), "version": card["version"], **values}
    answer = person.post(f"/incidents/{card['id']}/{action}", body)
    return answer.status_code, answer.json()


def test_of_a_thousand_pairs_at_once_exactly_one_wins_and_the_other_sees_why(desks: Town) -> None:
    chance = random.Random(20260101)
    lived: Counter[str] = Counter()
    card = begin(desks, chance)
    for _ in range(PAIRS):
        pair = wishes(desks, card, chance)
        assert len(pair) == 2, card
        answers = at_once([partial(send, card, wish) for wish in pair])
        card = judge(card, pair, answers)
        lived.update(f"{wish[1]}" for wish in pair)
        if card["state"] in TERMINAL or card["version"] > LONGEST:
            card = begin(desks, chance)
    assert len(lived) > 15, lived  # the walk has seen most of the life


def judge(before: dict[str, Any], pair: list[Wish], answers: list[tuple[int, dict[str, Any]]]) -> dict[str, Any]:
    """One step was taken, by the one who was told so; the other was told who was faster and keeps what she typed."""
    what = [(wish[1], answer) for wish, answer in zip(pair, answers, strict=True)]
    assert sorted(status for status, _ in answers) == [200, 409], what
    (_, won), (_, lost) = sorted(answers, key=lambda answer: answer[0])
    loser = next(wish for wish, answer in zip(pair, answers, strict=True) if answer[0] == 409)
    assert lost["code"] == "stale", what
    assert lost["detail"]["current"]["version"] == won["version"] == before["version"] + 1, what
    assert {key: lost["detail"]["yours"][key] for key in loser[2]} == loser[2]
    stored = Incident.objects.get(pk=before["id"])
    assert (stored.version, stored.state) == (won["version"], won["state"])
    assert send(before, loser)[0] == 409, "a stale version never overwrites"
    versions = (
        StreamEvent.objects.filter(object_id=before["id"]).order_by("seq").values_list("object_version", flat=True)
    )
    assert list(versions) == list(range(1, won["version"] + 1)), "one event for each version"
    return won
