"""Rules 5 and 7: an objection goes to review, the first receiver keeps working; nobody's duty is the territory's first."""

from datetime import timedelta
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

from gridmap import actions
from gridmap.models import Role
from incidents.routing import Rule
from tests import factories
from tests.factories import DISTRICT, STREET, Caller, Town
from tests.incidents.test_deadlines_api import lid
from tests.threads import at_once


def objected(town: Town, card: dict[str, Any]) -> dict[str, Any]:
    return town.handler.act(card, "object", reason="该路段属园林养护")


def test_rule_7_the_first_receiver_keeps_working_while_its_objection_is_reviewed(town: Town) -> None:
    card = lid(town)
    waiting = objected(town, card)
    assert (waiting["state"], waiting["department"]) == ("assigned", town.sanitation.pk)
    assert waiting["due_at"] == card["due_at"]
    assert town.handler.act(waiting, "take")["state"] == "in_work"


def test_rule_7_an_objection_that_is_upheld_goes_back_to_the_dispatcher(town: Town) -> None:
    upheld = town.director.act(objected(town, lid(town)), "review_objection", outcome="pass", reason="查实属园林")
    assert (upheld["state"], upheld["department"]) == ("filed", None)
    [one] = town.handler.detail(upheld)["requests"]
    assert (one["verdict"], one["asked"]["text"], one["decided"]["text"]) == (
        "granted",
        "该路段属园林养护",
        "查实属园林",
    )
    kinds = [moment["kind"] for moment in town.dispatcher.detail(upheld)["timeline"]]
    assert kinds[-2:] == ["incident.objected", "incident.objection_upheld"]
    assert town.dispatcher.act(upheld, "assign", department=town.gardens.pk)["department"] == town.gardens.pk


def test_rule_7_an_objection_that_is_rejected_leaves_the_case_where_it_is_with_the_reason(town: Town) -> None:
    card = objected(town, lid(town))
    assert town.director.act(card, "review_objection", outcome="fail", expect=422)["code"] == "reason_needed"
    kept = town.director.act(card, "review_objection", outcome="fail", reason="权责清单第三条")
    assert (kept["state"], kept["department"], kept["due_at"]) == ("assigned", town.sanitation.pk, card["due_at"])
    [one] = town.handler.detail(kept)["requests"]
    assert (one["verdict"], one["decided"]["text"]) == ("refused", "权责清单第三条")
    again = town.handler.act(kept, "object", reason="还是不同意", expect=409)
    assert again["code"] == "objected_already"


def test_an_objection_is_to_one_assignment_and_the_next_may_be_objected_to_again(town: Town) -> None:
    card = town.director.act(objected(town, lid(town)), "review_objection", outcome="pass")
    card = town.dispatcher.act(card, "assign", department=town.sanitation.pk)
    assert objected(town, card)["state"] == "assigned"


def test_an_objection_of_a_department_that_did_the_work_is_void(town: Town) -> None:
    card = town.handler.act(objected(town, lid(town)), "handle", text="已更换")
    assert [one["verdict"] for one in town.director.detail(card)["requests"]] == ["void"]
    assert town.director.act(card, "review_objection", outcome="pass", expect=409)["code"] == "wrong_state"


def test_rule_7_an_objection_waits_for_its_review_while_the_case_is_suspended(town: Town) -> None:
    until = str(timezone.localdate() + timedelta(days=9))
    given: dict[str, Any] = {"reason": "等汛期过去", "cause": "wrong_season", "until": until}
    stopped = town.director.act(objected(town, lid(town)), "suspend", **given)
    going = town.director.act(stopped, "resume", reason="汛期已过")
    assert town.director.act(going, "review_objection", outcome="pass")["state"] == "filed"


def test_rule_7_an_objection_that_nobody_reviewed_may_be_raised_again_when_the_case_comes_back(town: Town) -> None:
    card = town.handler.act(objected(town, lid(town)), "handle", text="已更换")
    card = town.worker.act(card, "verify_repair", outcome="fail", reason="仍有松动")
    assert objected(town, card)["state"] == "assigned"


def test_nobody_reviews_her_own_objection(town: Town) -> None:
    both = Caller(factories.user("both", Role.HANDLER, DISTRICT, town.sanitation))
    actions.grant(both.user, Role.DIRECTOR, STREET)
    card = both.act(lid(town), "object", reason="该路段属园林养护")
    assert both.act(card, "review_objection", outcome="pass", expect=409)["code"] == "own_word"
    assert "review_objection" not in {one["name"] for one in both.detail(card)["actions"]}


def test_rule_5_what_is_nobodys_duty_the_territory_takes_first_and_argues_afterwards(town: Town) -> None:
    street = actions.put_department("street-office", name="街道办", name_en="Street office", area_code=STREET)
    factories.put_rules(Rule(1, STREET, street.pk, territory=True))
    clerk = Caller(factories.user("jie", Role.HANDLER, STREET, street))
    filed = town.acceptor.act(town.worker.report(), "file")
    found = town.dispatcher.get(f"/incidents/{filed['id']}/routing").json()
    assert (found["department"], found["by"]) == (street.pk, "territory")
    card = clerk.act(town.dispatcher.act(filed, "assign", department=street.pk), "object", reason="请明确权属单位")
    assert (card["state"], card["department"]) == ("assigned", street.pk)
    assert clerk.act(card, "take")["state"] == "in_work"


@pytest.mark.django_db(transaction=True)
def test_of_two_who_review_at_once_one_wins_and_the_other_sees_why() -> None:
    town = factories.town()
    card = objected(town, lid(town))
    other = Caller(factories.user("zhou", Role.DIRECTOR))
    path, seen = f"/incidents/{card['id']}/review_objection", {"version": card["version"], "reason": "已核对"}
    works = [
        partial(who.post, path, {**seen, "outcome": outcome, "mutation_id": str(uuid4())})
        for who, outcome in ((town.director, "pass"), (other, "fail"))
    ]
    answers = at_once(works)
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    assert next(answer.json()["code"] for answer in answers if answer.status_code == 409) == "stale"
