"""`manage.py check_routing`: whether every set of routing rules in force still holds; exits with 1 if one does not."""

import sys
from typing import Any

from django.core.management.base import BaseCommand

from incidents import queries
from incidents.models import RuleSet, RuleSetState
from incidents.queries.routing import names_for, rules_of
from incidents.routing import Report
from incidents.routing.words import rule_words


class Command(BaseCommand):
    help = "Check the routing rules in force: gaps, overlaps, and rules whose area, class or department ended."

    def handle(self, *args: Any, **options: Any) -> None:
        known = RuleSet.objects.filter(state=RuleSetState.IN_FORCE)
        unsound = dict(queries.unsound())
        for found in known:
            report = unsound.get(found)
            state = "does not hold" if report else "holds"
            self.stdout.write(f"{found.area_code} version {found.number}: {state}")
            if report:
                self._say(found, report)
        if not known:
            self.stdout.write("No rules are in force: dispatchers choose by themselves.")
        if unsound:
            sys.exit(1)

    def _say(self, found: RuleSet, report: Report) -> None:
        rules = rules_of(found.pk)
        names = names_for(rules)
        for rule in rules:
            if rule.number in report.troubles:
                words = rule_words(rule, names).en
                self.stdout.write(f"  rule {rule.number} ({words}): {report.troubles[rule.number]}")
        for pair in report.overlaps:
            self.stdout.write(f"  rules {pair.first.number} and {pair.second.number} overlap")
        for gap in report.gaps:
            when = "" if gap.always else " at some hours"
            self.stdout.write(f"  gap: {gap.area}, {gap.cells} cells × {len(gap.classes)} classes{when}")
