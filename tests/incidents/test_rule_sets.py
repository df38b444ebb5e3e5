"""Versions of routing rules through the API: drafts, the check, putting in force, the dry run, who sees what."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import transaction
from django.utils import timezone

from gridmap.models import Department, Role, StreamEvent
from incidents.models import Incident, IncidentClass, RuleSet
from incidents.queries.routing import rules_of
from incidents.routing import Rule
from tests import factories
from tests.factories import (
    DISTRICT,
    LID,
    LITTER,
    OTHER_CELL,
    OTHER_STREET,
    STREET,
    Caller,
    Town,
)
from tests.rule_sets import routing, row, rules, send, shown

MAJOR = "event/市容环境"


# --- versions ---


def test_a_draft_begins_as_the_version_in_force_is_edited_and_takes_its_place_with_a_reason_and_one_event_each(
    town: Town, manager: Caller, street: Department
) -> None:
    first = factories.put_rules(*rules(town, street))
    draft = send(manager, "", 201, area=DISTRICT)["id"]
    page = shown(manager, draft)
    assert [one["department"] for one in page["rules"]] == [rule.department for rule in rules_of(first.pk)]
    assert (page["number"], page["state"], page["editable"]) == (2, "draft", True)
    summer = row(town.gardens.pk, major=MAJOR, months=[7, 6], hours=[8, 18])
    rows = [row(town.gardens.pk), summer, row(street.pk, area=STREET, territory=True)]
    changed = send(manager, f"/{draft}/rules", version=page["version"], rules=rows)
    assert [one["months"] for one in shown(manager, draft)["rules"]] == [[], [6, 7], []]
    card = town.worker.report()
    assert routing(town.worker, card)["department"] == town.sanitation.pk  # a draft decides nothing
    send(manager, f"/{draft}/in-force", version=changed["version"], reason="园林接手")
    assert routing(town.worker, card)["department"] == town.gardens.pk
    old, new = shown(manager, str(first.pk)), shown(manager, draft)
    assert (old["state"], len(old["rules"]), old["editable"]) == ("retired", 3, False)
    assert (new["state"], new["reason"]) == ("in_force", "园林接手")
    assert old["effective_to"] == new["effective_from"]
    log = StreamEvent.objects.filter(stream=DISTRICT).order_by("seq")
    told = [(event.kind, event.actor, event.payload) for event in log if event.kind.startswith("routing.")]
    assert told == [
        ("routing.drafted", manager.user, {"number": 2, "state": "draft"}),
        ("routing.edited", manager.user, {"number": 2, "state": "draft"}),
        ("routing.put_in_force", manager.user, {"number": 2, "state": "in_force"}),
    ]


def test_a_district_has_one_draft_at_a_time_and_a_draft_given_up_never_decides(town: Town, manager: Caller) -> None:
    draft = send(manager, "", 201, area=DISTRICT)["id"]
    assert send(manager, "", 201, area=DISTRICT)["id"] == draft
    send(manager, f"/{draft}/discard", version=1)
    assert shown(manager, draft)["state"] == "retired"
    assert shown(manager, draft)["effective_from"] is None
    assert shown(manager, send(manager, "", 201, area=DISTRICT)["id"])["number"] == 2


def test_two_who_edit_one_draft_do_not_overwrite_each_other(town: Town, manager: Caller) -> None:
    draft = send(manager, "", 201, area=DISTRICT)["id"]
    send(manager, f"/{draft}/rules", version=1, rules=[row(town.gardens.pk)])
    late = send(manager, f"/{draft}/rules", 409, version=1, rules=[row(town.sanitation.pk)])
    assert (late["code"], late["detail"]) == ("stale_rules", {"version": 2})
    assert [one["department"] for one in shown(manager, draft)["rules"]] == [town.gardens.pk]


def test_a_change_sent_twice_is_made_once(town: Town, manager: Caller) -> None:
    body = {"mutation_id": str(uuid4()), "area": DISTRICT}
    first, again = (manager.post("/routing/sets", body).json() for _ in range(2))
    assert (first["id"], again["replayed"]) == (again["id"], True)
    assert RuleSet.objects.count() == 1


def test_what_was_in_force_is_never_edited(town: Town, manager: Caller, street: Department) -> None:
    found = factories.put_rules(*rules(town, street))
    for path, body in (("rules", {"rules": []}), ("in-force", {"reason": "x"}), ("discard", {})):
        assert send(manager, f"/{found.pk}/{path}", 409, version=1, **body)["code"] == "not_a_draft"


def test_a_set_with_a_gap_an_overlap_or_something_ended_is_not_put_in_force(
    town: Town, manager: Caller, street: Department
) -> None:
    draft = send(manager, "", 201, area=DISTRICT)["id"]
    rows = [row(town.gardens.pk, class_key=LITTER), row(town.sanitation.pk, class_key=LITTER),
            row(street.pk, area=STREET, territory=True), row(town.gardens.pk, area=STREET + "009", class_key=LID)]  # fmt: skip
    version = send(manager, f"/{draft}/rules", version=1, rules=rows)["version"]
    check = shown(manager, draft)["check"]
    assert [(pair["first"], pair["second"]) for pair in check["overlaps"]] == [(1, 2)]
    assert check["troubles"] == [{"number": 4, "trouble": "area_unknown"}]
    classes = IncidentClass.objects.filter(valid_to__isnull=True).count()
    assert [(gap["area"], gap["cells"], len(gap["classes"])) for gap in check["gaps"]] == [
        (OTHER_STREET, 1, classes - 1)
    ]
    refused = send(manager, f"/{draft}/in-force", 409, version=version, reason="急用")
    assert refused["code"] == "rules_not_sound"
    assert refused["detail"] == {"gaps": 1, "overlaps": 1, "troubles": 1}
    assert RuleSet.objects.get(pk=draft).state == "draft"


def test_a_reason_is_needed_to_put_rules_in_force(town: Town, manager: Caller) -> None:
    draft = send(manager, "", 201, area=DISTRICT)["id"]
    version = send(manager, f"/{draft}/rules", version=1, rules=[row(town.gardens.pk)])["version"]
    assert send(manager, f"/{draft}/in-force", 422, version=version, reason=" ")["code"] == "reason_needed"


@pytest.mark.parametrize(
    "wrong",
    [
        {"area": "9901"}, {"months": [13]}, {"hours": [5, 5]}, {"hours": [24, 3]}, {"hours": [1]}, {"class_key": LITTER, "major": MAJOR},
        {"territory": True, "class_key": LITTER}, {"territory": True, "months": [1]}, {"answers": {"a": 1}}, {"department": -1},
    ],
)  # fmt: skip
def test_a_rule_that_makes_no_sense_is_refused_and_changes_nothing(
    town: Town, manager: Caller, wrong: dict[str, Any]
) -> None:
    draft = send(manager, "", 201, area=DISTRICT)["id"]
    refused = send(manager, f"/{draft}/rules", 422, version=1, rules=[row(town.gardens.pk) | wrong])
    assert refused["code"] in ("invalid", "bad_rule")
    assert shown(manager, draft)["version"] == 1


def test_an_area_that_is_no_district_has_no_rules_of_its_own(town: Town, manager: Caller) -> None:
    assert send(manager, "", 403, area="990102")["code"] == "forbidden"
    above = Caller(factories.user("zhang", Role.ADMINISTRATOR, "99"))
    assert send(above, "", 422, area="990102")["code"] == "unknown_area"


def test_two_versions_in_force_cannot_be_stored(town: Town) -> None:
    factories.put_rules()
    with pytest.raises(Exception, match="one_rule_set_in_force"), transaction.atomic():
        factories.put_rules()


# --- the dry run ---


def test_a_dry_run_says_which_cases_of_the_last_month_would_go_elsewhere_by_class_and_departments(
    town: Town, manager: Caller, street: Department
) -> None:
    factories.put_rules(*rules(town, street))
    moved, stays, old = town.worker.report(), town.worker.report(class_key=LID, condition=1), town.worker.report()
    elsewhere = town.other_worker.report(cell=OTHER_CELL)
    Incident.objects.filter(pk=old["id"]).update(reported_at=timezone.now() - timedelta(days=31))
    draft = send(manager, "", 201, area=DISTRICT)["id"]
    send(manager, f"/{draft}/rules", version=1, rules=[row(town.gardens.pk)])
    found = town.director.get(f"/routing/sets/{draft}/trial").json()
    assert (found["tried"], found["moved"], found["complete"], found["sees_cases"]) == (2, 1, True, True)
    (move,) = found["moves"]
    assert (move["class_key"], move["count"]) == (LITTER, 1)
    assert (move["from_department"], move["to_department"]) == (town.sanitation.pk, town.gardens.pk)
    assert [case["id"] for case in move["cases"]] == [moved["id"]]
    assert stays["id"] not in str(found)
    assert elsewhere["id"] not in str(found)


def test_who_may_not_see_cases_gets_none_in_a_dry_run_not_even_counted(
    town: Town, manager: Caller, street: Department
) -> None:
    found = factories.put_rules(*rules(town, street))
    town.worker.report()
    answer = manager.get(f"/routing/sets/{found.pk}/trial").json()
    assert answer == {"tried": 0, "moved": 0, "complete": True, "moves": [], "sees_cases": False}


# --- who sees what ---


def test_a_street_director_sees_the_rules_and_gaps_of_her_street_alone_and_edits_nothing(
    town: Town, manager: Caller, street: Department
) -> None:
    found = factories.put_rules(
        Rule(1, DISTRICT, town.gardens.pk, LID),
        Rule(2, STREET, town.gardens.pk, LITTER),
        Rule(3, OTHER_STREET, 4242, LITTER),
    )
    whole, hers = shown(manager, str(found.pk)), shown(town.director, str(found.pk))
    assert [one["number"] for one in whole["rules"]] == [1, 2, 3]
    assert [one["number"] for one in hers["rules"]] == [1, 2]
    assert {gap["area"] for gap in hers["check"]["gaps"]} == {STREET}
    assert hers["check"]["troubles"] == []
    assert [one["trouble"] for one in whole["check"]["troubles"]] == ["department_unknown"]
    assert hers["check"]["cells"] == 2
    assert send(town.director, "", 403, area=DISTRICT)["code"] == "forbidden"
    draft = send(manager, "", 201, area=DISTRICT)["id"]
    for path, body in (("rules", {"rules": []}), ("in-force", {"reason": "x"}), ("discard", {})):
        assert send(town.director, f"/{draft}/{path}", 403, version=1, **body)["code"] == "forbidden"


def test_an_administrator_of_one_street_reads_the_districts_rules_but_does_not_change_them(town: Town) -> None:
    assert send(town.administrator, "", 403, area=DISTRICT)["code"] == "forbidden"


@pytest.mark.parametrize("who", ["worker", "dispatcher", "handler", "planner", "auditor", "stranger"])
def test_other_roles_find_no_rules(town: Town, street: Department, who: str) -> None:
    found = factories.put_rules(*rules(town, street))
    caller = town.callers[who]
    assert caller.get("/routing/sets").status_code == 403
    for path in ("", "/trial"):
        assert caller.get(f"/routing/sets/{found.pk}{path}").status_code == 404
    assert send(caller, f"/{found.pk}/discard", 404, version=1)["code"] == "not_found"


def test_the_director_of_another_district_finds_no_rules(town: Town, street: Department) -> None:
    found = factories.put_rules(*rules(town, street))
    stranger = Caller(factories.user("far", Role.DIRECTOR, "990202"))
    assert stranger.get("/routing/sets").json() == {"districts": [], "sets": []}
    assert stranger.get(f"/routing/sets/{found.pk}").status_code == 404
