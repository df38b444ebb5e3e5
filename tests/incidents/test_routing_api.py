"""Routing through the API: the suggestion and its reasons, what an assignment keeps, versions, the check, the dry run."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.management import call_command
from django.utils import timezone

from gridmap import actions
from gridmap.actions.register_many import Given, put_records
from gridmap.models import Area, Department, Role
from incidents.models import Assignment, Incident, IncidentClass, RuleSet
from incidents.queries.routing import decided
from incidents.routing import By, Decision, Rule, When
from tests import factories
from tests.factories import (
    CELL,
    COMMUNITY,
    DISTRICT,
    LID,
    LITTER,
    NEXT_CELL,
    OTHER_STREET,
    PLACES,
    Caller,
    Town,
)
from tests.incidents.test_questions import CABLE
from tests.rule_sets import routing, rules, shown

# --- why this department ---


def test_a_case_says_which_department_takes_it_by_which_rule_and_why_the_others_lost(
    town: Town, street: Department
) -> None:
    factories.put_rules(*rules(town, street))
    found = routing(town.worker, town.worker.report())
    assert (found["department"], found["by"], found["number"]) == (town.sanitation.pk, "rule", 1)
    assert found["line"]["zh"] == "环卫：按第 2 条规则（示范区 · 暴露生活垃圾）。"
    assert found["line"]["en"].startswith("Sanitation: by rule 2 (")
    assert [(step["number"], step["verdict"]) for step in found["steps"]] == [
        (2, "chosen"), (1, "wider_class"), (3, "territory_last"),
    ]  # fmt: skip


def test_a_rule_for_an_answer_takes_the_case_that_gave_it_and_says_so_of_the_other(
    town: Town, street: Department
) -> None:
    cable = Rule(4, DISTRICT, town.sanitation.pk, CABLE, answers=(("line", "telecom"),))
    factories.put_rules(*rules(town, street), cable)
    data, other = (town.worker.report(class_key=CABLE, answers={"line": line}) for line in ("telecom", "unknown"))
    assert routing(town.dispatcher, data)["department"] == town.sanitation.pk
    found = routing(town.dispatcher, other)
    assert found["department"] == town.gardens.pk
    assert {step["number"]: step["verdict"] for step in found["steps"]}[4] == "other_answers"
    filed = town.acceptor.act(data, "file")
    town.dispatcher.act(filed, "assign", department=town.sanitation.pk)
    assert Assignment.objects.get(incident=data["id"]).suggested_id == town.sanitation.pk


def test_rules_of_other_classes_and_of_other_streets_are_not_among_the_reasons(town: Town, street: Department) -> None:
    factories.put_rules(*rules(town, street), Rule(4, OTHER_STREET, town.gardens.pk, LITTER))
    steps = routing(town.worker, town.worker.report(class_key=LID, condition=1))["steps"]
    assert [step["number"] for step in steps] == [1, 3]


def test_without_rules_in_force_nothing_is_suggested_and_assigning_works_as_before(town: Town) -> None:
    card = town.acceptor.act(town.worker.report(), "file")
    found = routing(town.dispatcher, card)
    assert (found["department"], found["line"], found["steps"], found["kept"]) == (None, None, [], [])
    town.dispatcher.act(card, "assign", department=town.sanitation.pk)
    assert routing(town.dispatcher, card)["kept"] == []


def test_an_assignment_keeps_version_rule_and_suggestion_and_tells_them_after_the_rules_changed(
    town: Town, street: Department
) -> None:
    first = factories.put_rules(*rules(town, street))
    card = town.acceptor.act(town.worker.report(), "file")
    town.dispatcher.act(card, "assign", department=town.sanitation.pk)
    RuleSet.objects.filter(pk=first.pk).update(state="retired")
    factories.put_rules(Rule(1, DISTRICT, town.gardens.pk))
    found = routing(town.worker, card)
    assert (found["department"], found["number"]) == (town.gardens.pk, 2)
    (kept,) = found["kept"]
    assert (kept["number"], kept["suggested"], kept["otherwise"]) == (1, town.sanitation.pk, False)
    assert kept["line"]["zh"] == "环卫：按第 2 条规则（示范区 · 暴露生活垃圾）。"


def test_a_dispatcher_may_choose_otherwise_and_that_is_kept(town: Town, street: Department) -> None:
    factories.put_rules(*rules(town, street))
    card = town.acceptor.act(town.worker.report(), "file")
    town.dispatcher.act(card, "assign", department=town.gardens.pk)
    (kept,) = routing(town.handler, card).get("kept") or routing(town.dispatcher, card)["kept"]
    assert (kept["department"], kept["suggested"], kept["otherwise"]) == (town.gardens.pk, town.sanitation.pk, True)
    turn = Assignment.objects.get(incident=card["id"])
    assert turn.rule is not None
    assert (turn.rule.number, turn.suggested_by) == (2, "rule")


def test_the_time_of_the_report_decides_so_that_the_reasons_do_not_change_by_the_hour(
    town: Town, street: Department
) -> None:
    local = timezone.localtime()
    now, later = (local.hour, local.hour + 1), ((local.hour + 2) % 24, (local.hour + 2) % 24 + 1)
    factories.put_rules(
        *rules(town, street),
        Rule(4, DISTRICT, town.gardens.pk, LITTER, when=When(hours=now)),
        Rule(5, DISTRICT, street.pk, LITTER, when=When(hours=later)),
    )
    card = town.worker.report()
    Incident.objects.filter(pk=card["id"]).update(reported_at=local)
    assert routing(town.worker, card)["department"] == town.gardens.pk
    Incident.objects.filter(pk=card["id"]).update(reported_at=local + timedelta(hours=2))
    assert routing(town.worker, card)["department"] == street.pk


def test_the_objects_own_maintainer_comes_first(town: Town, street: Department) -> None:
    """A manhole cover of the register beside the place; one of another class, and one twenty metres off, are other objects."""
    found = factories.put_rules(*rules(town, street))
    lon, lat = PLACES[CELL]

    def cover(number: int, klass: str, department: Department, west: float) -> None:
        values = {
            "code": f"9901010101{number:06}",
            "scheme": "GB30428.2-2013",
            "klass": klass,
            "name": "井盖",
            "maintainer": department.pk,
        }
        put_records("object", [Given(uuid4(), values, (lon - west, lat))])

    def decide() -> Decision:
        return decided(Incident.objects.select_related("klass").get(pk=card["id"]), found)

    card = town.worker.report(class_key=LID, condition=1)
    cover(1, "0137", town.gardens, 0.0)
    cover(2, "0101", town.gardens, 0.0002)
    assert decide().by is not By.MAINTAINER
    cover(3, "0101", town.gardens, 0.0001)
    assert (decide().department, decide().by) == (town.gardens.pk, By.MAINTAINER)
    assert routing(town.worker, card)["by"] == "maintainer"


def test_rule_5_where_nobody_is_named_the_territory_takes_it_first(town: Town, street: Department) -> None:
    factories.put_rules(*rules(town, street)[1:])
    found = routing(town.worker, town.worker.report(class_key=LID, condition=1))
    assert (found["department"], found["by"]) == (street.pk, "territory")
    assert "先由属地受理" in found["line"]["zh"]


def test_rule_3_a_verification_task_goes_to_the_nearest_worker_on_duty(town: Town) -> None:
    near, far = town.worker, Caller(factories.user("fang", Role.WORKER, COMMUNITY))
    for caller, lon in ((near, 105.0051), (far, 105.009)):
        caller.post("/duty", {"mutation_id": str(uuid4()), "on": True})
        fix = {"lon": lon, "lat": 28.01, "accuracy_m": 5, "at": timezone.now().isoformat()}
        assert caller.post("/position", fix).status_code == 204
    card = town.acceptor.report(source="citizen", cell=CELL)
    town.acceptor.act(card, "request_verification")
    assert Incident.objects.get(pk=card["id"]).verifier == near.user


# --- a rule that breaks is loud ---


def test_a_department_that_ends_breaks_its_rule_loudly_and_the_territory_takes_the_case(
    town: Town, manager: Caller, street: Department, capsys: pytest.CaptureFixture[str]
) -> None:
    found = factories.put_rules(*rules(town, street))
    call_command("check_routing")
    assert "holds" in capsys.readouterr().out
    Department.objects.filter(pk=town.sanitation.pk).update(valid_to=timezone.localdate() - timedelta(days=1))
    card = town.acceptor.act(town.worker.report(), "file")
    why = routing(town.dispatcher, card)
    assert (why["department"], why["by"]) == (street.pk, "territory")
    assert "第 2 条规则" in why["line"]["zh"]
    assert "已失效" in why["line"]["zh"]
    check = shown(manager, str(found.pk))["check"]
    assert check["troubles"] == [{"number": 2, "trouble": "department_ended"}]
    assert not check["clean"]
    with pytest.raises(SystemExit) as stopped:
        call_command("check_routing")
    assert stopped.value.code == 1
    assert "department_ended" in capsys.readouterr().out
    assert (
        town.dispatcher.act(card, "assign", department=town.sanitation.pk, expect=422)["code"] == "unknown_department"
    )
    town.dispatcher.act(card, "assign", department=street.pk)
    (kept,) = routing(town.dispatcher, card)["kept"]
    assert "已失效" in kept["line"]["zh"]


def test_a_department_that_was_deleted_leaves_a_broken_rule_behind(town: Town, street: Department) -> None:
    gone = actions.put_department("gone", name="撤销的部门", name_en="Gone", area_code=DISTRICT)
    factories.put_rules(Rule(1, DISTRICT, gone.pk), rules(town, street)[2])
    gone.delete()
    assert routing(town.worker, town.worker.report())["by"] == "territory"


def test_an_area_that_ends_breaks_its_rule(town: Town, manager: Caller, street: Department) -> None:
    found = factories.put_rules(*rules(town, street), Rule(4, NEXT_CELL, town.gardens.pk))
    actions.end_area(Area.objects.get(pk=NEXT_CELL), successors=[])
    assert shown(manager, str(found.pk))["check"]["troubles"] == [{"number": 4, "trouble": "area_ended"}]


def test_a_class_that_ends_breaks_its_rule(town: Town, manager: Caller, street: Department) -> None:
    found = factories.put_rules(*rules(town, street))
    yesterday = timezone.localdate() - timedelta(days=1)
    IncidentClass.objects.filter(scheme="GB30428.2-2013", domain="event", code="0110").update(valid_to=yesterday)
    assert shown(manager, str(found.pk))["check"]["troubles"] == [{"number": 2, "trouble": "class_ended"}]
