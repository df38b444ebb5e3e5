"""`manage.py verify_looks`: whether the access log is whole. Ends with status 1 and the first broken entry if it is not."""

import re
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from gridmap.errors import ProblemError, sentence
from gridmap.queries import looks

PRINTED = re.compile(r"^(\d{2,9}) whole, (\d+) entries, ([0-9a-f]{64})$", re.MULTILINE)


class Command(BaseCommand):
    help = "Reckon the chains of the access log anew. Keep what it prints elsewhere: --against compares with it that no end was cut off."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--against", type=Path, metavar="FILE", help="what this command printed before")

    def handle(self, *args: Any, against: Path | None = None, **options: Any) -> None:
        try:
            broken = [*self._compared(against), *self._verified()] if against else self._verified()
        except ProblemError as error:
            raise CommandError(sentence(error.code, "en")) from None
        if broken:
            raise CommandError(
                f"The access log was changed: {'; '.join(broken)} (changed, missing, or added by another way)"
            )

    def _verified(self) -> list[str]:
        broken = []
        for stream in looks.streams():
            found = looks.verified(stream)
            if found.broken_at is None:
                self.stdout.write(f"{stream} whole, {found.entries} entries, {found.hash}")
            else:
                broken.append(f"{stream} entry {found.broken_at}")
        return broken

    def _compared(self, path: Path) -> list[str]:
        """What an earlier printout says that is not there any more."""
        try:
            printed = PRINTED.findall(path.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError) as error:
            raise CommandError(f"{path}: {error}") from None
        if not printed:
            raise CommandError(f"{path} holds nothing that this command printed")
        return [
            f"{stream} entry {number} of the printout"
            for stream, number, end in printed
            if not looks.holds(stream, end)
        ]
