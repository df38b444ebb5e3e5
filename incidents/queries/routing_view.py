"""What the page of the rules shows: versions, a version's table with its check, and a dry run, as far as the user serves."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from django.db.models import Q

from gridmap import access, areacode
from gridmap.models import Area, User
from gridmap.queries import area_names
from incidents import routing
from incidents.models import RuleSet, RuleSetState
from incidents.queries.routing import dry_run, facts, names_for, rule_sets, rules_of
from incidents.routing import Facts, Gap, Report, Rule
from incidents.routing.words import Names, time_words

SHOWN_GAPS = 200


def rules_overview(user: User) -> dict[str, Any]:
    """The districts whose rules the user may see, and every version of them."""
    prefixes = _prefixes(user)
    wanted = Q(pk__in=[code for prefix in prefixes for code in areacode.ancestors(prefix)])
    for prefix in prefixes:
        wanted |= Q(code__startswith=prefix)
    districts = Area.objects.filter(wanted, level=areacode.DISTRICT, valid_to__isnull=True).order_by("code")
    return {
        "districts": [
            {"code": d.code, "name": d.name, "name_en": d.name_en, "editable": _editable(user, d.code)} for d in districts
        ],
        "sets": [_head(user, found) for found in rule_sets(user)],
    }  # fmt: skip


def rules_version(user: User, found: RuleSet) -> dict[str, Any]:
    """A version with its rules and its check against today, both only for the areas where the user serves."""
    known, rules = facts(found.area_code), rules_of(found.pk)
    report = routing.check(rules, known)
    prefixes = _prefixes(user)
    shown = [rule for rule in rules if _near(rule.area, prefixes)]
    names = names_for(shown)
    return _head(user, found) | {
        "rules": [_row(rule, report, names) for rule in shown],
        "check": _findings(report, known, shown, prefixes),
    }


def rules_trial(user: User, found: RuleSet) -> dict[str, Any]:
    """A dry run of a version over the cases that the user may see."""
    run = dry_run(user, found)
    sees = bool(access.scope_of(user, "incident.view").clauses)
    return {"tried": run.tried, "moved": run.moved, "complete": run.complete, "moves": run.moves, "sees_cases": sees}


def _prefixes(user: User) -> list[str]:
    return [clause.prefix for clause in access.scope_of(user, "routing.view").clauses]


def _near(area: str, prefixes: Iterable[str]) -> bool:
    """Whether an area lies in one of the prefixes, or holds it."""
    return any(area.startswith(prefix) or prefix.startswith(area) for prefix in prefixes)


def _editable(user: User, area_code: str) -> bool:
    return access.scope_of(user, "routing.manage").covers(area_code)


def _head(user: User, found: RuleSet) -> dict[str, Any]:
    return {
        "id": found.pk, "area": found.area_code, "number": found.number, "state": found.state, "version": found.version,
        "effective_from": found.effective_from, "effective_to": found.effective_to, "reason": found.reason,
        "editable": found.state == RuleSetState.DRAFT and _editable(user, found.area_code),
    }  # fmt: skip


def _row(rule: Rule, report: Report, names: Names) -> dict[str, Any]:
    trouble = report.troubles.get(rule.number)
    return {
        "number": rule.number, "area": rule.area, "department": rule.department, "class_key": rule.class_key, "major": rule.major,
        "months": list(rule.when.months), "hours": list(rule.when.hours) if rule.when.hours else None,
        "answers": dict(rule.answers), "territory": rule.territory, "trouble": str(trouble) if trouble else None,
        "area_name": names.area(rule.area)._asdict(), "concern": names.concern(rule)._asdict(),
        "time": time_words(rule.when)._asdict(), "department_name": names.department(rule.department)._asdict(),
    }  # fmt: skip


def _findings(report: Report, known: Facts, shown: Sequence[Rule], prefixes: Sequence[str]) -> dict[str, Any]:
    numbers = {rule.number for rule in shown}
    gaps, left = (
        [piece for gap in found for piece in _clipped(gap, known, prefixes)] for found in (report.gaps, report.left)
    )
    overlaps = [
        {"first": pair.first.number, "second": pair.second.number, "area": pair.first.area,
         "concern": pair.first.class_key or pair.first.major}
        for pair in report.overlaps
        if {pair.first.number, pair.second.number} <= numbers
    ]  # fmt: skip
    troubles = [{"number": number, "trouble": str(one)} for number, one in report.troubles.items() if number in numbers]
    names = area_names({gap.area for gap in gaps + left})
    return {
        "clean": not (gaps or overlaps or troubles), "overlaps": overlaps, "troubles": troubles,
        "classes": len(known.classes), "cells": sum(known.cells_in(prefix) for prefix in _within(known.district, prefixes)),
        "gaps": [_hole(gap, names) for gap in gaps[:SHOWN_GAPS]], "left": [_hole(gap, names) for gap in left[:SHOWN_GAPS]],
    }  # fmt: skip


def _within(district: str, prefixes: Sequence[str]) -> list[str]:
    """The user's prefixes as far as they lie in a district."""
    return sorted({max(district, prefix, key=len) for prefix in prefixes if _near(district, [prefix])})


def _clipped(gap: Gap, known: Facts, prefixes: Sequence[str]) -> list[Gap]:
    """The part of a gap that lies where the user serves."""
    if any(gap.area.startswith(prefix) for prefix in prefixes):
        return [gap]
    inside = sorted(prefix for prefix in prefixes if prefix.startswith(gap.area))
    return [replace(gap, area=prefix, cells=known.cells_in(prefix)) for prefix in inside]


def _hole(gap: Gap, names: dict[str, str]) -> dict[str, Any]:
    return {
        "area": gap.area, "area_name": names.get(gap.area, gap.area), "cells": gap.cells, "classes": list(gap.classes),
        "always": gap.always, "months": [month for month in range(1, 13) if gap.missing >> (month - 1) * 24 & (1 << 24) - 1],
    }  # fmt: skip
