"""`manage.py import_register FILE`: a file that is too large for the browser, for the page of imports."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from gridmap.actions import imports
from gridmap.errors import ProblemError
from gridmap.models import User
from gridmap.register.kinds import KINDS
from gridmap.uuid7 import uuid7

MOST_BYTES = 1_000_000_000


class Command(BaseCommand):
    help = "Upload a file of records in the name of a user; she maps, checks, starts and undoes it at /import."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--kind", choices=KINDS, required=True, help="of the records")
        parser.add_argument("--area", required=True, help="code of the street, community or cell into which they go")
        parser.add_argument("--user", required=True, help="username of who may import there")

    def handle(self, *args: Any, file: Path, kind: str, area: str, user: str, **options: Any) -> None:
        actor = User.objects.filter(username=user, is_active=True).first()
        if actor is None:
            raise CommandError(f"{user}: no such user")
        if not file.is_file() or file.stat().st_size > MOST_BYTES:
            raise CommandError(f"{file}: no file of at most {MOST_BYTES // 1_000_000} MB")
        run = uuid7()
        try:
            imports.upload(actor, run, area=area, kind=kind, name=file.name, data=file.read_bytes())
        except ProblemError as error:
            raise CommandError(f"not taken: {error.code}") from error
        self.stdout.write(f"/import/{run}")
