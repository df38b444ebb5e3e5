"""`manage.py rotate_keys`: the master keys of person data: made, changed for new ones, thinned out. May be killed and begun again."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from gridmap import keyfile
from gridmap.actions import persons_end
from gridmap.errors import ProblemError, sentence
from gridmap.vault import VaultError


class Command(BaseCommand):
    help = "Lock the keys of all persons with the newest master key. Killed in between, the next run goes on where it stood."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--make", action="store_true", help="only make the file of keys, if there is none")
        parser.add_argument("--new", action="store_true", help="add a new master key first")
        parser.add_argument("--drop", action="store_true", help="afterwards forget the master keys that lock nothing")
        parser.add_argument("--batch", type=int, default=persons_end.AT_ONCE, help="persons per transaction")

    def handle(self, *args: Any, make: bool, new: bool, drop: bool, batch: int, **options: Any) -> None:
        path = settings.KEYS_FILE
        if make:
            self._say(f"made {path}" if keyfile.make(path) else f"{path} is there already")
            return
        try:
            if new:
                self._say(f"new master key {keyfile.add(path)}")
            self._relock(batch)
            gone = keyfile.drop(path, persons_end.master_keys_used()) if drop else []
        except (OSError, VaultError) as error:
            raise CommandError(f"{error}") from None
        except ProblemError as error:
            raise CommandError(f"{sentence(error.code, 'en')} ({path})") from None
        if gone:
            self._say(f"forgotten: {', '.join(gone)}; backups from before open with them alone")

    def _relock(self, batch: int) -> None:
        done = 0
        while found := persons_end.relock(batch):
            done += found
            self._say(f"{done} locked with the newest master key")
        self._say("all keys of persons are locked with the newest master key")

    def _say(self, text: str) -> None:
        self.stdout.write(text)
        self.stdout.flush()
