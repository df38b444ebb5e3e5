"""Questions that a class asks of a report: which are asked, what answers are right, and which say to call for help.

Pure: no Django, no database. An answer is text: "yes" or "no", the value of a choice, a number in digits, or words.
"""

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

QUESTIONS_FILE = Path(__file__).parent / "data" / "questions.toml"
CHANNELS = ("110", "119", "120")  # police, fire and rescue, ambulance: rule 10 of the domain
LONGEST = 500  # characters of an answer in words
_NUMBER = re.compile(r"-?[0-9]{1,9}(\.[0-9]{1,3})?")
_KEY = re.compile(r"[a-z][a-z0-9_]{0,29}")


class Kind(StrEnum):
    TEXT = "text"
    NUMBER = "number"
    CHOICE = "choice"
    YES_NO = "yes_no"


YES_NO = (
    {"value": "yes", "label": "是", "label_en": "Yes"},
    {"value": "no", "label": "否", "label_en": "No"},
)


@dataclass(frozen=True)
class Question:
    """One question. `when` names an earlier question and the answer after which this one is asked."""

    key: str
    label: str
    label_en: str
    kind: Kind
    required: bool = False
    choices: tuple[Mapping[str, str], ...] = ()  # value, label, label_en
    when: tuple[str, str] | None = None
    stop: Mapping[str, str] | None = None  # answer: telephone number to call instead of reporting

    @property
    def answers(self) -> tuple[Mapping[str, str], ...]:
        """What can be chosen; nothing where one writes."""
        return YES_NO if self.kind is Kind.YES_NO else self.choices


class AnswersError(Exception):
    """Answers that are missing or wrong: by question "answer_needed" or "answer_wrong"."""

    def __init__(self, wrong: Mapping[str, str]) -> None:
        super().__init__(", ".join(wrong))
        self.wrong = dict(wrong)


class CallError(Exception):
    """An answer says that help must be called; nothing is to be opened."""

    def __init__(self, question: Question, channel: str) -> None:
        super().__init__(channel)
        self.question, self.channel = question, channel


def asked(questions: Sequence[Question], answers: Mapping[str, str]) -> list[Question]:
    """The questions that these answers lead to, in order; one is only asked if the one it depends on was."""
    found: list[Question] = []
    for question in questions:
        known = {one.key for one in found}
        if question.when is None or (question.when[0] in known and answers.get(question.when[0]) == question.when[1]):
            found.append(question)
    return found


def checked(questions: Sequence[Question], answers: Mapping[str, str]) -> list[dict[str, str]]:
    """The answers as they are kept with a case, with the words of the question as it was asked.

    Answers to what is not asked are dropped. Raises CallError before anything else, then AnswersError.
    """
    given = {key: text.strip() for key, text in answers.items() if text.strip()}
    here = asked(questions, given)
    for question in here:
        channel = (question.stop or {}).get(given.get(question.key, ""))
        if channel:
            raise CallError(question, channel)
    wrong = {question.key: code for question in here if (code := _fault(question, given.get(question.key)))}
    if wrong:
        raise AnswersError(wrong)
    return [_kept(question, given[question.key]) for question in here if question.key in given]


def _fault(question: Question, answer: str | None) -> str:
    if answer is None:
        return "answer_needed" if question.required else ""
    if question.kind is Kind.NUMBER:
        return "" if _NUMBER.fullmatch(answer) else "answer_wrong"
    if question.kind is Kind.TEXT:
        return "" if len(answer) <= LONGEST else "answer_wrong"
    return "" if answer in {choice["value"] for choice in question.answers} else "answer_wrong"


def _kept(question: Question, answer: str) -> dict[str, str]:
    chosen = next((choice for choice in question.answers if choice["value"] == answer), None)
    words = chosen or {"label": answer, "label_en": answer}
    return {
        "key": question.key, "label": question.label, "label_en": question.label_en, "answer": answer,
        "answer_label": words["label"], "answer_label_en": words["label_en"],
    }  # fmt: skip


def faults(questions: Sequence[Question]) -> list[str]:
    """What is wrong with a list of questions itself, in words; nothing if it can be asked."""
    said: list[str] = []
    before: dict[str, Question] = {}
    for question in questions:
        where = f"“{question.key}”: "
        if not _KEY.fullmatch(question.key) or question.key in before:
            said.append(where + "the key is used twice, or is not made of small letters, digits and _")
        values = [choice.get("value") for choice in question.choices]
        if (question.kind is Kind.CHOICE) != bool(values) or len(values) != len(set(values)):
            said.append(where + "a choice, and only a choice, has choices, each with a value of its own")
        if any({"value", "label", "label_en"} - choice.keys() for choice in question.choices):
            said.append(where + "every choice has value, label and label_en")
        if question.when and not _can_be(before.get(question.when[0]), question.when[1]):
            said.append(where + "it depends on an answer that no earlier question can have")
        for answer, channel in (question.stop or {}).items():
            if channel not in CHANNELS or not _can_be(question, answer):
                said.append(where + f"it stops at “{answer}” with {channel}: no such answer, or none of {CHANNELS}")
        before[question.key] = question
    return said


def _can_be(question: Question | None, answer: str) -> bool:
    return question is not None and answer in {choice.get("value") for choice in question.answers}


def read_questions(path: Path = QUESTIONS_FILE) -> dict[str, list[Question]]:
    """The questions of the shipped file, by class key; ValueError where they cannot be asked."""
    with path.open("rb") as file:
        listed = tomllib.load(file).get("class", [])
    found = {row["key"]: [_question(one) for one in row["question"]] for row in listed}
    for key, questions in found.items():
        if said := faults(questions):
            raise ValueError(f"{key}: {'; '.join(said)}")
    return found


def _question(row: Mapping[str, object]) -> Question:
    when: Iterable[tuple[str, str]] = row.get("when", {}).items()  # type: ignore[attr-defined]  # a table
    return Question(
        key=str(row["key"]), label=str(row["label"]), label_en=str(row["label_en"]), kind=Kind(str(row["kind"])),
        required=bool(row.get("required")), choices=tuple(row.get("choices", ())),  # type: ignore[arg-type]
        when=next(iter(when), None), stop=row.get("stop"),  # type: ignore[arg-type]
    )  # fmt: skip
