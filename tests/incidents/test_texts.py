"""Standard texts: of an area, for classes, states and actions, filled from the case; what is sent is what was seen."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from gridmap.models import User
from incidents import actions as incident_actions
from incidents import texts
from incidents.models import IncidentClass, StandardText
from tests.factories import LID, OTHER_STREET, STREET, Caller, Town


def offered(caller: Caller, card: dict[str, Any], action: str, **query: Any) -> list[str]:
    asked = "&".join(f"{name}={value}" for name, value in {"action": action, **query}.items())
    answer = caller.get(f"/incidents/{card['id']}/texts?{asked}")
    assert answer.status_code == 200, answer.content
    return [one["text"] for one in answer.json()]


def put(body: str, area: str = STREET, **fits: Any) -> StandardText:
    return StandardText.objects.create(area_code=area, title=body[:10], body=body, **fits)


# --- pure ---


@given(st.text(max_size=80), st.dictionaries(st.sampled_from(texts.PLACES), st.text(max_size=20)))
def test_filling_leaves_no_known_place_and_touches_nothing_else(body: str, values: dict[str, str]) -> None:
    bare = dict.fromkeys(texts.PLACES, "·")
    assert all(f"{{{name}}}" not in texts.fill(body, bare) for name in texts.PLACES)
    if not any(f"{{{name}}}" in body for name in texts.PLACES):
        assert texts.fill(body, values) == body


def test_a_value_that_looks_like_a_place_is_not_filled_again() -> None:
    assert texts.fill("{地点}:{类别}", {"地点": "{类别}", "类别": "垃圾"}) == "{类别}:垃圾"


def test_what_the_case_has_not_yet_is_said() -> None:
    assert texts.fill("由{部门}于{时限}前办理", {}) == "由(未定)于(未定)前办理"


def test_a_place_that_nothing_fills_is_named() -> None:
    assert texts.unknown("{编号}{姓名}{ 部门}{姓名}") == ["姓名", " 部门"]


def test_what_is_shipped_can_be_filled_and_offered() -> None:
    for row in texts.read():
        assert texts.unknown(row["body"]) == []
        assert row["action"] in {"", *texts.ACTIONS}
        assert 0 < len(row["title"]) <= 30
        assert 0 < len(row["body"]) <= texts.LONGEST


@pytest.mark.django_db
def test_shipped_texts_put_again_stay_as_a_person_edited_them() -> None:
    incident_actions.put_texts(STREET, texts.read())
    StandardText.objects.filter(title="已清理").update(body="清了")
    incident_actions.put_texts(STREET, texts.read())
    assert StandardText.objects.count() == len(texts.read())
    assert StandardText.objects.get(title="已清理").body == "清了"


# --- for a case ---


def test_a_text_is_filled_with_what_the_case_says(town: Town) -> None:
    put("{编号} {类别},{地点}:请{部门}于{时限}前处理。")
    card = town.acceptor.act(town.worker.report(address="望江路1号"), "file")
    found = offered(town.dispatcher, card, "assign", department=town.sanitation.pk)[0]
    assert found.startswith(f"{card['number']} {card['title']},望江路1号:请环卫于")
    assert "(未定)" not in found
    assert "(未定)于" in offered(town.dispatcher, card, "assign")[0]


def test_texts_are_offered_for_their_class_state_and_action_the_closest_first(town: Town) -> None:
    lid = IncidentClass.objects.get(scheme="GB30428.2-2013", domain="object", code="0101")
    put("通用")
    put("井盖", klass=lid)
    put("待受理", state="reported")
    put("不立案", action="decline")
    put("井盖待受理不立案", klass=lid, state="reported", action="decline")
    litter, cover = town.worker.report(), town.worker.report(class_key=LID, condition=1)
    assert offered(town.acceptor, litter, "note") == ["待受理", "通用"]
    assert offered(town.acceptor, cover, "decline")[:2] == ["井盖待受理不立案", "井盖"]
    assert set(offered(town.acceptor, cover, "decline")[2:]) == {"待受理", "不立案", "通用"}
    filed = town.acceptor.act(litter, "file")
    assert offered(town.acceptor, filed, "note") == ["通用"]


def test_a_street_has_its_own_texts_and_those_of_all_above(town: Town) -> None:
    put("全区", "990101")
    put("本街道")
    put("邻街道", OTHER_STREET)
    card = town.worker.report()
    assert set(offered(town.acceptor, card, "note")) == {"全区", "本街道"}


def test_texts_of_a_case_that_is_not_hers_to_see_do_not_exist(town: Town) -> None:
    put("本街道")
    card = town.worker.report()
    assert town.other_director.get(f"/incidents/{card['id']}/texts?action=note").status_code == 404


def test_what_is_sent_is_kept_as_it_was_seen(town: Town) -> None:
    put("<b>{地点}</b> {编号} & {{类别}}")
    card = town.worker.report(address="望江路1号")
    text = offered(town.acceptor, card, "note")[0]
    town.acceptor.act(card, "note", text=text)
    assert (
        town.acceptor.detail(card)["timeline"][-1]["text"]
        == text
        == f"<b>望江路1号</b> {card['number']} & {{{card['title']}}}"
    )


# --- who keeps them ---


def office(caller: Caller, *, area: str = STREET) -> Client:
    User.objects.filter(pk=caller.user.pk).update(is_staff=True)
    client = Client(headers={"host": "localhost"})
    client.force_login(caller.user)
    return client


FORM = {
    "area_code": STREET,
    "klass": "",
    "state": "reported",
    "action": "",
    "title": "退回",
    "body": "{地点}不属本街道",
    "position": "0",
}
ADD = "/admin/incidents/standardtext/add/"


def test_an_administrator_keeps_them_in_her_area_and_sees_an_example(town: Town) -> None:
    client = office(town.administrator)
    assert client.post(ADD, FORM).status_code == 302
    page = client.get("/admin/incidents/standardtext/").content.decode()
    assert texts.fill(FORM["body"], texts.SAMPLE) in page
    put("邻街道的", OTHER_STREET)
    assert "邻街道的" not in client.get("/admin/incidents/standardtext/").content.decode()


@pytest.mark.parametrize(
    "wrong",
    [{"body": "{姓名}来过"}, {"body": ""}, {"body": "长" * 501}, {"area_code": OTHER_STREET}, {"area_code": "990101001777"},
     {"state": "gone"}, {"action": "photo"}, {"title": ""}],
)  # fmt: skip
def test_a_text_that_would_not_work_is_refused(town: Town, wrong: dict[str, str]) -> None:
    answer = office(town.administrator).post(ADD, FORM | wrong)
    assert answer.status_code == 200  # the form again, with what is wrong
    assert not StandardText.objects.exists()


def test_others_do_not_get_in(town: Town) -> None:
    answer = office(town.director).post(ADD, FORM)
    assert answer.status_code == 403
    assert not StandardText.objects.exists()


def test_the_model_itself_refuses_an_unknown_place() -> None:
    with pytest.raises(ValidationError, match="姓名"):
        StandardText(area_code=STREET, title="x", body="{姓名}").clean_fields(exclude=["klass"])
