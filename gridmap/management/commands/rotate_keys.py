"""`manage.py rotate_keys`: the master keys of person data: made, changed for new ones, thinned out. May be killed and begun again."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from gridmap import keyfile
from gridmap.actions import keys
from gridmap.errors import ProblemError, sentence
from gridmap.vault import VaultError

SHOWN = 20  # ids of persons in the last sentence


class Command(BaseCommand):
    help = "Lock the keys of all persons with the newest master key. Killed in between, the next run goes on where it stood."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--make", action="store_true", help="only make the file of keys, if there is none")
        parser.add_argument("--new", action="store_true", help="add a new master key first")
        parser.add_argument("--drop", action="store_true", help="afterwards forget the master keys that lock nothing")
        parser.add_argument(
            "--reindex", action="store_true", help="only reckon the indexes by which people are found anew"
        )
        parser.add_argument("--batch", type=int, default=keys.AT_ONCE, help="persons per transaction")

    def handle(self, *args: Any, make: bool, new: bool, drop: bool, reindex: bool, batch: int, **options: Any) -> None:
        path = settings.KEYS_FILE
        if make:
            self._say(f"made {path}" if keyfile.make(path) else f"{path} is there already")
            return
        try:
            if reindex:
                self._all(keys.reindex, batch, "indexed anew")
                return
            self._rotate(batch, new=new, drop=drop)
        except (OSError, VaultError) as error:
            raise CommandError(f"{error}") from None
        except ProblemError as error:
            raise CommandError(f"{sentence(error.code, 'en')} ({path})") from None

    def _rotate(self, batch: int, *, new: bool, drop: bool) -> None:
        if new:
            self._say(f"new master key {keys.add()}")
        self._all(keys.relock, batch, "locked with the newest master key")
        self._say("all keys of persons are locked with the newest master key")
        if drop and (gone := keys.drop()):
            self._say(f"forgotten: {', '.join(gone)}; backups from before open with them alone")

    def _all(self, step: Callable[[UUID | None, int], keys.Walk], batch: int, what: str) -> None:
        """Go through all persons; those that cannot be opened hold up no other, and are named at the end."""
        done, walk, closed = 0, step(None, batch), dict[UUID, str]()
        while walk.last:
            done += walk.done
            closed |= walk.closed
            self._say(f"{done} {what}")
            walk = step(walk.last, batch)
        if closed:
            raise CommandError(self._left(closed))

    @staticmethod
    def _left(closed: dict[UUID, str]) -> str:
        said = [f"{one}: {why}" for one, why in list(closed.items())[:SHOWN]]
        more = [f"and {len(closed) - SHOWN} more"] if len(closed) > SHOWN else []
        return "\n".join(
            [f"{len(closed)} persons cannot be opened and stayed as they are; nothing was forgotten.", *said, *more]
        )

    def _say(self, text: str) -> None:
        self.stdout.write(text)
        self.stdout.flush()
