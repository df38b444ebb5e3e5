"""Import the events of another system: accepted rows become cases, refused ones a report that says why, row by row."""

from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from gridmap import areacode
from incidents import imports
from incidents.actions import put_classes
from incidents.actions.imports import import_street, put_missing_areas


class Command(BaseCommand):
    help = "Import incidents from a CSV file (UTF-8 or GB18030, may be gzipped) as a mapping file says."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--mapping", default="pingshan", help="a mapping that is shipped, or the path of a TOML file"
        )
        parser.add_argument("--report", type=Path, help="where the refusals are written, as CSV")
        parser.add_argument("--check", action="store_true", help="judge the rows and write the report, store nothing")

    def handle(self, *_: Any, **options: Any) -> None:
        file: Path = options["file"]
        try:
            mapping = imports.read_mapping(_mapping_path(options["mapping"]))
            rows = list(imports.read(file.read_bytes(), mapping))
        except (imports.SheetError, OSError) as error:
            raise CommandError(str(error)) from error
        cases = [row for row in rows if isinstance(row, imports.Accepted)]
        refused = [row for row in rows if isinstance(row, imports.Refused)]
        self.stdout.write(f"{len(rows)} rows: {len(cases)} accepted, {len(refused)} refused")
        self._say_why(refused)
        self._write_report(options["report"] or settings.VAR / "imports" / f"{file.name}.refused.csv", refused)
        if not options["check"]:
            self._store(cases, refused, mapping)

    def _say_why(self, refused: list[imports.Refused]) -> None:
        for (reason, column, value), times in Counter(
            (row.reason, row.column, row.value) for row in refused
        ).most_common(20):
            self.stdout.write(f"  {times:>5}  {column} {value}: {reason.en} {reason.zh}")

    def _write_report(self, path: Path, refused: list[imports.Refused]) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(imports.report(refused), encoding="utf-8", newline="")
        self.stdout.write(f"every refused row with its reason: {path}")

    def _store(
        self, cases: list[imports.Accepted], refused: list[imports.Refused], mapping: imports.MappingFile
    ) -> None:
        areas = put_missing_areas(mapping.areas())
        classes = put_classes(imports.class_rows(cases, mapping))
        self.stdout.write(f"{areas} new areas (communities with provisional codes, no borders), {classes} classes")
        per_street: defaultdict[str, list[imports.Accepted]] = defaultdict(list)
        for case in cases:
            per_street[areacode.stream_of(case.area_code)].append(case)
        left_out = Counter(row.street for row in refused)
        new = 0
        for street, found in sorted(per_street.items()):
            new += import_street(street, found, mapping=mapping, refused=left_out[street])
            self.stdout.write(f"  {street}: {len(found)} cases")
        self.stdout.write(self.style.SUCCESS(f"{new} cases stored, {len(cases) - new} were there already"))


def _mapping_path(name: str) -> Path:
    """A shipped mapping by its name, otherwise a path."""
    shipped = imports.DATA / f"{name}.toml"
    return shipped if Path(name).name == name and shipped.exists() else Path(name)
