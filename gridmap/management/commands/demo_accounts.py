"""`manage.py demo_accounts`: who can sign in to the demo, as what, and where each works."""

import unicodedata
from typing import Any

from django.core.management.base import BaseCommand

from gridmap.api import HOMES
from gridmap.management import demo
from gridmap.models import Role, User


class Command(BaseCommand):
    help = "Print the demo accounts that exist in this database."

    def handle(self, *args: Any, **options: Any) -> None:
        there = {user.username: user.name for user in User.objects.filter(is_active=True)}
        workers = [demo.Person(f"worker{i:02}", name, Role.WORKER) for i, name in enumerate(demo.WORKERS, 1)]
        people = [person for person in (*workers, *demo.PEOPLE) if person.username in there]
        if not people:
            self.stdout.write("There are no demo accounts in this database.")
            return
        rows = [
            ("账号 account", "姓名 who", "角色 role", "页面 page"),
            *_rows([p for p in people if not p.team or p.team in SHOWN]),
        ]
        widths = [max(_width(row[column]) for row in rows) for column in range(4)]
        for row in rows:
            cells = (cell + " " * (width - _width(cell)) for cell, width in zip(row, widths, strict=True))
            self.stdout.write("  ".join(cells).rstrip())
        others = [f"{p.username} {_team(p)}" for p in people if p.team and p.team not in SHOWN]
        self.stdout.write(f"更多处置账号 more handlers: {', '.join(others)}")
        self.stdout.write(f"密码 password: {demo.PASSWORD}")


SHOWN = ("enforcement", "works", "sanitation")  # departments that have most of the cases


def _rows(people: list[demo.Person]) -> list[tuple[str, str, str, str]]:
    """One line for each kind of account; where there are several of a kind, the first and the last."""
    groups: dict[tuple[Role, str], list[demo.Person]] = {}
    for person in people:
        groups.setdefault((person.role, person.team), []).append(person)
    lines = []
    for (role, team), some in groups.items():
        first, last = some[0], some[-1]
        account = first.username if first is last else f"{first.username} … {last.username}"
        label = f"{role.label} {role.value}" + (f" · {_team(first)}" if team else "")
        lines.append((account, first.name + ("" if first is last else " 等"), label, HOMES[role]))
    return lines


def _team(person: demo.Person) -> str:
    return next(team.name for team in demo.TEAMS if team.code == person.team)


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text)
