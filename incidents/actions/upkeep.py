"""The catalogue and the calendar as data."""

from collections.abc import Iterable, Mapping
from uuid import NAMESPACE_URL, uuid5

from django.db import transaction

from incidents import catalogue, clock
from incidents.models import ClassCondition, Holiday, IncidentClass, StandardText


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


def _class(row: catalogue.ClassRow) -> IncidentClass:
    return IncidentClass(
        scheme=row.key.scheme, domain=row.key.domain, code=row.key.code, major=row.major, name=row.name, name_en=row.name_en,
        pinyin=row.pinyin, initials=row.initials, handlers=list(row.handlers), urgent=row.urgent,
        valid_from=row.valid_from, valid_to=row.valid_to,
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
