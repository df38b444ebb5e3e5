"""The catalogue and the calendar as data."""

from collections.abc import Iterable, Mapping, Sequence
from uuid import NAMESPACE_URL, uuid5

from django.db import transaction

from incidents import catalogue, clock
from incidents.models import ClassCondition, ClassQuestion, Holiday, IncidentClass, StandardText
from incidents.questions import Question


@transaction.atomic
def put_classes(rows: Iterable[catalogue.ClassRow]) -> int:
    """Store the classes of a catalogue with their conditions; labels that a person edited are kept. Returns how many."""
    listed = list(rows)
    classes = IncidentClass.objects.bulk_create(
        [_class(row) for row in listed],
        update_conflicts=True,
        unique_fields=["scheme", "domain", "code"],
        update_fields=[
            "major",
            "name",
            "name_en",
            "pinyin",
            "initials",
            "handlers",
            "urgent",
            "valid_from",
            "valid_to",
        ],
    )
    ClassCondition.objects.bulk_create(
        (
            ClassCondition(
                klass=klass,
                number=c.number,
                label=c.label,
                label_en=c.label_en,
                limit=str(c.limit),
                valid_from=row.valid_from,
            )
            for klass, row in zip(classes, listed, strict=True)
            for c in row.conditions
        ),
        ignore_conflicts=True,
    )
    return len(listed)


# Objects stand close together and stay where they are; events spread and pass. Defaults, for an administrator to edit.
SPANS = {
    catalogue.Domain.EVENT: {"near_m": 50, "near_days": 30, "recur_m": 30, "recur_days": 30},
    catalogue.Domain.OBJECT: {"near_m": 30, "near_days": 365, "recur_m": 15, "recur_days": 90},
}


def _class(row: catalogue.ClassRow) -> IncidentClass:
    return IncidentClass(
        scheme=row.key.scheme, domain=row.key.domain, code=row.key.code, major=row.major, name=row.name, name_en=row.name_en,
        pinyin=row.pinyin, initials=row.initials, handlers=list(row.handlers), urgent=row.urgent,
        valid_from=row.valid_from, valid_to=row.valid_to, **SPANS[row.key.domain],
    )  # fmt: skip


@transaction.atomic
def put_questions(listed: Mapping[str, Sequence[Question]]) -> int:
    """Store the questions of classes that have none yet; what an administrator edited stays. Returns how many are new."""
    rows = []
    for klass in IncidentClass.objects.filter(questions__isnull=True):
        for position, question in enumerate(listed.get(klass.key, ()), 1):
            rows.append(_question(klass, position, question))
    return len(ClassQuestion.objects.bulk_create(rows))


def _question(klass: IncidentClass, position: int, one: Question) -> ClassQuestion:
    when, stop = one.when or ("", ""), next(iter((one.stop or {}).items()), ("", ""))
    return ClassQuestion(
        klass=klass, position=position, key=one.key, label=one.label, label_en=one.label_en, kind=one.kind,
        required=one.required, choices=list(one.choices), when_key=when[0], when_answer=when[1],
        stop_answer=stop[0], stop_channel=stop[1],
    )  # fmt: skip


def put_calendar(rows: Iterable[clock.Holiday]) -> int:
    """Store days that differ from the weekday rule; a day that a person edited stays. Returns how many were new."""
    made = Holiday.objects.bulk_create(
        [Holiday(date=row.day, working=row.working, name=row.name) for row in rows], ignore_conflicts=True
    )
    return len(made)


def put_texts(area_code: str, rows: Iterable[Mapping[str, str]]) -> int:
    """Store standard texts for an area; one that is there already stays as a person edited it. Returns how many were given."""
    made = StandardText.objects.bulk_create(
        [
            StandardText(id=uuid5(NAMESPACE_URL, f"{area_code}/{row['action']}/{row['title']}"), area_code=area_code, position=at, **row)
            for at, row in enumerate(rows)
        ],
        ignore_conflicts=True,
    )  # fmt: skip
    return len(made)
