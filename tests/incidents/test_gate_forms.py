"""Forms at the gate: a query over what is recorded, and only the rest is asked, once."""

import pytest

from incidents.models import DemandAnswer, DemandExport
from tests import factories
from tests.factories import COMMUNITY, DISTRICT, LITTER, OTHER_STREET, Town
from tests.gate import ASKED, chief, fill, form_of, in_force, kinds, propose


def test_recorded_fields_come_filled_with_their_source_and_time(town: Town) -> None:
    for _ in range(2):
        town.worker.report()
    town.worker.report(class_key=factories.LID, condition=1)
    town.worker.report(self_handled=True)
    fields = [
        {"figure": "cells"}, {"figure": "households"}, {"figure": "open"}, {"figure": "open", "class_key": LITTER},
        {"figure": "reported"}, {"figure": "closed"}, {"figure": "objects"}, {"figure": "overdue"},
        {"figure": "open", "department": town.sanitation.pk}, {"figure": "median_days", "class_key": factories.LID},
    ]  # fmt: skip
    demand = in_force(town, chief(), fields=fields)
    rows = form_of(town.community, demand)["rows"]
    assert [row["value"] for row in rows] == [2, 750, 3, 2, 4, 1, 1, 0, 0, None]
    assert all(row["source"] == "record" and row["at"] for row in rows)
    assert rows[8]["name"] == "在办案件·环卫"


def test_an_answer_keeps_the_figures_as_they_were_whatever_was_sent_for_them(town: Town) -> None:
    demand = in_force(town, chief(), fields=[{"figure": "open"}, {"label": "分类亭数量", "type": "number"}])
    town.worker.report()
    fill(town.community, demand, values={"record:open::": 99, ASKED: 4, "else": "x"})
    town.worker.report()
    kept = DemandAnswer.objects.get().values
    assert {key: (one["value"], one["source"]) for key, one in kept.items()} == {
        "record:open::": (1, "record"), ASKED: (4, "asked"),
    }  # fmt: skip
    assert form_of(town.community, demand)["rows"][0]["value"] == 2


def test_what_was_answered_once_is_offered_to_the_next_form_and_not_asked_again(town: Town) -> None:
    decider = chief()
    first = in_force(town, decider)
    fill(town.community, first, values={ASKED: 6})
    second = in_force(town, decider, title="环境卫生月报", fields=[{"label": "分类亭 数量（个）", "type": "number"}])
    [row] = form_of(town.community, second)["rows"]
    assert (row["value"], row["source"], row["from_form"]) == (6, "earlier", "垃圾分类设施情况")
    fill(town.community, second)
    kept = DemandAnswer.objects.get(demand=second["id"]).values[ASKED]
    assert (kept["value"], kept["source"]) == (6, "earlier")


def test_another_period_is_asked_anew(town: Town) -> None:
    decider = chief()
    fill(town.community, in_force(town, decider), values={ASKED: 6})
    monthly = in_force(town, decider, title="月报", rhythm="month")
    assert form_of(town.community, monthly)["rows"][1]["source"] == "asked"
    assert fill(town.community, monthly, expect=422)["fields"] != {}


def test_the_one_who_decides_sees_how_much_of_it_is_collected_already(town: Town) -> None:
    decider = chief()
    in_force(town, decider)
    fields = [{"figure": "open"}, {"label": "分类亭数量", "type": "number"}, {"label": "志愿队伍数", "type": "number"}]
    again = propose(town.gardener, town.gardens, title="又一张表", area=DISTRICT, fields=fields)
    found = decider.get(f"/gate/demands/{again['id']}").json()["collected"]
    assert (found["count"], found["of"]) == (2, 3)
    assert [(one["by"], one["form"]) for one in found["fields"]] == [("record", ""), ("form", "垃圾分类设施情况")]


def test_what_forms_can_be_made_of_names_the_questions_that_are_asked_already(town: Town) -> None:
    propose(town.handler, town.sanitation)
    known = town.gardener.get("/gate/fields").json()
    assert [one["label"] for one in known["asked"]] == ["分类亭数量"]
    assert "median_days" in [one["figure"] for one in known["figures"]]


@pytest.mark.parametrize(("value", "code"), [("六", "没填"), (None, "没填"), (True, "invalid")])
def test_an_answer_of_the_wrong_kind_is_not_taken(town: Town, value: object, code: str) -> None:
    refused = fill(town.community, in_force(town, chief()), expect=422, values={ASKED: value})
    assert code in [refused["code"], *refused["fields"].values()] or code in str(refused["fields"])
    assert not DemandAnswer.objects.exists()


def test_an_answer_names_no_person(town: Town) -> None:
    demand = in_force(town, chief(), fields=[{"label": "情况说明"}])
    refused = fill(town.community, demand, expect=422, values={"asked:情况说明": "请找13800138000"})
    assert "手机号" in refused["fields"]["asked:情况说明"]


def test_a_correction_stands_beside_the_first_answer_and_two_at_once_do_not_overwrite(town: Town) -> None:
    demand = in_force(town, chief())
    fill(town.community, demand, values={ASKED: 6})
    assert fill(town.community, demand, values={ASKED: 7}, expect=409)["code"] == "stale_demand"
    fill(town.community, demand, values={ASKED: 7}, version=1)
    assert form_of(town.community, demand)["rows"][1] | {"at": ""} == form_of(town.community, demand)["rows"][1] | {
        "at": "", "value": 7, "source": "own",
    }  # fmt: skip
    assert DemandAnswer.objects.count() == 2


def test_a_community_answers_for_itself_and_for_periods_that_have_begun(town: Town) -> None:
    demand = in_force(town, chief(), area=DISTRICT)
    assert fill(town.community, demand, area=OTHER_STREET + "001", values={ASKED: 1}, expect=403)["code"] == "forbidden"
    assert fill(town.community, demand, period="1999", values={ASKED: 1}, expect=422)["code"] == "no_such_period"
    found = town.community.get(f"/gate/demands/{demand['id']}").json()
    assert [area["code"] for area in found["communities"]] == [COMMUNITY]
    fill(town.community, demand, period=found["periods"][0], values={ASKED: 1})
    assert town.community.get(f"/gate/demands/{demand['id']}").json()["answered"] == [[COMMUNITY, found["periods"][0]]]


def test_answers_leave_as_a_table_with_a_reason_that_is_kept(town: Town) -> None:
    demand = in_force(town, chief(), fields=[{"figure": "cells"}, {"label": "情况说明"}])
    for version, text in enumerate(["旧的", "=1+1"]):
        fill(town.community, demand, version=version, values={"asked:情况说明": text})
    refused = town.handler.post(f"/gate/demands/{demand['id']}/export", {"reason": " "})
    assert refused.json()["code"] == "reason_needed"
    answer = town.handler.post(f"/gate/demands/{demand['id']}/export", {"reason": "年度汇总"})
    lines = b"".join(answer.streaming_content).decode("utf-8-sig").splitlines()
    assert answer["content-type"].startswith("text/csv")
    assert lines[0] == "社区代码,社区,填报期,填报时间,网格数,情况说明"
    assert len(lines) == 2
    assert lines[1].startswith(f"{COMMUNITY},江岸社区,")
    assert lines[1].endswith(",2,'=1+1")
    kept = DemandExport.objects.get()
    assert (kept.user, kept.reason, kinds(demand)[-1]) == (town.handler.user, "年度汇总", "gate.exported")
    assert town.gardener.post(f"/gate/demands/{demand['id']}/export", {"reason": "看看"}).status_code == 403
