"""What a class asks of a report, checked on the server; and what belongs elsewhere (rule 10 of the domain)."""

from pathlib import Path
from typing import Any

import pytest
from django.forms.models import inlineformset_factory
from hypothesis import given
from hypothesis import strategies as st

from incidents import actions, catalogue
from incidents.admin import QuestionForms
from incidents.models import ClassQuestion, Incident, IncidentClass
from incidents.questions import (
    AnswersError,
    CallError,
    Kind,
    Question,
    asked,
    checked,
    faults,
    read_questions,
)
from tests.factories import LITTER, Town, ago

GAS = "GB30428.2-2013/event/0502"
CABLE = "GB30428.2-2013/event/0508"
FLOOD = "GB30428.2-2013/event/0506"


def ask(key: str, kind: Kind = Kind.YES_NO, **more: Any) -> Question:
    return Question(key=key, label=key, label_en=key, kind=kind, **more)


LINE = ask("line", Kind.CHOICE, required=True, choices=(
    {"value": "power", "label": "电力线", "label_en": "Power"}, {"value": "telecom", "label": "通信线", "label_en": "Data"},
))  # fmt: skip
SPARKS = ask("sparks", required=True, when=("line", "power"), stop={"yes": "119"})
HOT = ask("hot", when=("sparks", "no"))
ASKED = (LINE, SPARKS, HOT)


# --- the rules, pure ---


def test_a_question_is_asked_only_where_the_answers_before_lead_to_it() -> None:
    def keys(**answers: str) -> list[str]:
        return [one.key for one in asked(ASKED, answers)]

    assert keys() == ["line"]
    assert keys(line="telecom", sparks="no") == ["line"]  # what it depends on is not asked, so neither is it
    assert keys(line="power") == ["line", "sparks"]
    assert keys(line="power", sparks="no") == ["line", "sparks", "hot"]


def test_missing_and_wrong_answers_are_named() -> None:
    with pytest.raises(AnswersError) as caught:
        checked(ASKED, {"line": "power"})
    assert caught.value.wrong == {"sparks": "answer_needed"}
    with pytest.raises(AnswersError) as caught:
        checked(ASKED, {"line": "gas"})
    assert caught.value.wrong == {"line": "answer_wrong"}


@pytest.mark.parametrize(
    ("text", "right"), [("12", True), ("-3.5", True), ("1e9", False), ("zwölf", False), ("٣", False)]
)
def test_a_number_is_written_in_digits(text: str, right: bool) -> None:
    deep = (ask("deep", Kind.NUMBER),)
    if right:
        assert checked(deep, {"deep": text})[0]["answer"] == text
    else:
        with pytest.raises(AnswersError):
            checked(deep, {"deep": text})


def test_an_answer_that_means_danger_comes_before_anything_that_is_missing() -> None:
    with pytest.raises(CallError) as caught:
        checked((*ASKED, ask("name", Kind.TEXT, required=True)), {"line": "power", "sparks": "yes"})
    assert (caught.value.channel, caught.value.question.key) == ("119", "sparks")


@given(
    st.dictionaries(
        st.sampled_from(["line", "sparks", "hot", "else"]), st.sampled_from(["power", "telecom", "no", "", "x"])
    )
)
def test_what_is_kept_was_asked_and_is_right(answers: dict[str, str]) -> None:
    here = {one.key: one for one in asked(ASKED, answers)}
    wrong = {"line": answers.get("line") not in ("power", "telecom")}
    wrong["sparks"] = "sparks" in here and answers.get("sparks") != "no"
    wrong["hot"] = "hot" in here and answers.get("hot") not in (None, "", "no")
    if any(wrong.values()):
        with pytest.raises(AnswersError) as caught:
            checked(ASKED, answers)
        assert set(caught.value.wrong) == {key for key, bad in wrong.items() if bad}
        return
    kept = checked(ASKED, answers)
    assert [one["key"] for one in kept] == [key for key in here if answers.get(key)]
    assert checked(ASKED, {one["key"]: one["answer"] for one in kept}) == kept


@pytest.mark.parametrize(
    "wrong",
    [
        (SPARKS, LINE),  # depends on what comes later
        (LINE, LINE),
        (ask("Line"),),
        (ask("line", Kind.CHOICE),),
        (ask("line", choices=LINE.choices),),
        (ask("hurt", stop={"yes": "999"}),),
        (ask("hurt", stop={"perhaps": "120"}),),
        (LINE, ask("deep", when=("line", "gas"))),
    ],
)
def test_questions_that_cannot_be_asked_are_found(wrong: tuple[Question, ...]) -> None:
    assert faults(wrong)
    assert not faults(ASKED)


def test_the_shipped_questions_can_be_asked_and_none_lengthens_the_everyday_report() -> None:
    shipped = read_questions()
    known = {str(row.key) for row in catalogue.read_classes()}
    assert set(shipped) <= known
    assert not {str(key) for key in catalogue.QUICK} & set(shipped)
    assert {kind for questions in shipped.values() for kind in {q.kind for q in questions}} >= {
        Kind.CHOICE,
        Kind.NUMBER,
        Kind.YES_NO,
    }


def test_a_file_with_a_question_that_cannot_be_asked_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "questions.toml"
    file.write_text(
        '[[class]]\nkey = "x"\n[[class.question]]\nkey = "a"\nlabel = "a"\nlabel_en = "a"\nkind = "choice"\n'
    )
    with pytest.raises(ValueError, match="x: “a”: a choice"):
        read_questions(file)


# --- through the API ---

pytestmark = pytest.mark.django_db


def test_the_catalogue_carries_the_questions_of_each_class(town: Town) -> None:
    classes = {one["key"]: one for one in town.worker.get("/catalogue").json()["classes"]}
    assert classes[LITTER]["questions"] == []
    smell, shut = classes[GAS]["questions"]
    assert (smell["key"], smell["kind"], smell["required"], smell["stop"]) == ("smell", "yes_no", True, {"yes": "119"})
    assert [choice["value"] for choice in smell["choices"]] == ["yes", "no"]
    assert shut["when"] == {"smell": "no"}


def test_answers_are_stored_with_the_case_in_the_words_they_were_asked_in(town: Town) -> None:
    card = town.worker.report(class_key=FLOOD, answers={"depth": " 30 ", "stuck": "no", "people": "yes", "else": "x"})
    ClassQuestion.objects.filter(key="depth").update(label="改过的问题")
    kept = town.director.detail(card)["answers"]
    assert [(one["label"], one["answer"], one["answer_label"]) for one in kept] == [
        ("积水大约多深(厘米)?", "30", "30"),
        ("有人或车被困吗?", "no", "否"),
    ]


def test_a_report_without_a_needed_answer_is_refused_by_field(town: Town) -> None:
    refused = town.worker.report(class_key=CABLE, answers={"line": "power"}, expect=422)
    assert refused["code"] == "answers_wrong"
    assert refused["fields"] == {"answers.sparks": "请回答这个问题。"}
    assert town.worker.report(class_key=CABLE, answers={"line": "telecom"})["state"] == "reported"


def test_rule_10_what_belongs_elsewhere_is_told_its_channel_and_not_opened(town: Town) -> None:
    refused = town.worker.report(class_key=GAS, answers={"smell": "yes"}, expect=422)
    assert (refused["code"], refused["detail"]) == ("call_first", {"channel": "119", "question": "smell"})
    assert "119" in refused["message"]
    assert Incident.objects.count() == 0
    assert town.worker.report(class_key=GAS, answers={"smell": "no", "shut": "yes"})["state"] == "reported"


def test_a_repeated_report_gets_its_first_answer_though_the_questions_changed(town: Town) -> None:
    same: dict[str, Any] = {
        "id": "0190a000-0000-7000-8000-000000000009",
        "class_key": CABLE,
        "occurred_at": ago(minutes=1),
    }
    card = town.worker.report(**same, answers={"line": "telecom"})
    ClassQuestion.objects.filter(key="line").update(key="other")
    again = town.worker.report(**same, answers={"line": "telecom"}, expect=200)
    assert again == card | {"replayed": True}


def test_putting_the_shipped_questions_again_keeps_what_an_administrator_edited(town: Town) -> None:
    count = ClassQuestion.objects.count()
    ClassQuestion.objects.filter(key="smell").update(label="闻到气味吗?", required=False)
    assert actions.put_questions(read_questions()) == 0
    assert ClassQuestion.objects.count() == count
    assert ClassQuestion.objects.get(key="smell").label == "闻到气味吗?"


def test_another_class_by_correction_drops_the_answers_to_the_old_ones_questions(town: Town) -> None:
    card = town.worker.report(class_key=CABLE, answers={"line": "telecom"})
    town.worker.act(card, "correct", correction={"class_key": LITTER})
    assert town.director.detail(card)["answers"] == []


@pytest.mark.parametrize(("when", "right"), [("smell", True), ("later", False)])
def test_an_administrator_cannot_save_a_question_that_can_never_be_asked(town: Town, when: str, right: bool) -> None:
    klass = ClassQuestion.objects.filter(key="smell").get().klass
    forms = inlineformset_factory(IncidentClass, ClassQuestion, formset=QuestionForms, exclude=())
    rows = list(klass.questions.all())
    data: dict[str, Any] = {"questions-TOTAL_FORMS": 2, "questions-INITIAL_FORMS": 2}
    for number, row in enumerate(rows):
        values = {name: value for name, value in vars(row).items() if not name.startswith("_")}
        data |= {
            f"questions-{number}-{name}": value for name, value in values.items() if name not in ("klass_id", "choices")
        }
        data |= {f"questions-{number}-choices": "[]", f"questions-{number}-klass": klass.pk}
    data["questions-1-when_key"] = when
    found = forms({name: str(value) for name, value in data.items() if value is not False}, instance=klass)
    assert found.is_valid() is right, (found.errors, found.non_form_errors())
    assert bool(found.non_form_errors()) is not right
