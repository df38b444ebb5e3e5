"""`manage.py verify_looks`: whether the access log is whole. Ends with status 1 and the first broken entry if it is not."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from gridmap.queries import looks


class Command(BaseCommand):
    help = "Reckon the chains of the access log anew. Keep what it prints elsewhere: it shows later that no end was cut off."

    def handle(self, *args: Any, **options: Any) -> None:
        broken = []
        for stream in looks.streams():
            found = looks.verified(stream)
            if found.broken_at is None:
                self.stdout.write(f"{stream} whole, {found.entries} entries, {found.hash}")
            else:
                broken.append(f"{stream} entry {found.broken_at}")
        if broken:
            raise CommandError(
                f"The access log was changed: {'; '.join(broken)} (changed, missing, or added by another way)"
            )
