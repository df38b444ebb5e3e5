"""`manage.py token USERNAME LABEL`: a bearer token for a program."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from gridmap import actions
from gridmap.models import User


class Command(BaseCommand):
    help = "Make a bearer token for a program and print it once."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username")
        parser.add_argument("label", help="what it is for")
        parser.add_argument("--days", type=int, default=90)

    def handle(self, *args: Any, username: str, label: str, days: int, **options: Any) -> None:
        user = User.objects.filter(username=username).first()
        if user is None:
            raise CommandError(f"There is no user {username!r}: make one in the admin first.")
        self.stdout.write(actions.issue_token(user, label=label, days=days))
