"""`manage.py openapi [FILE]`: the OpenAPI document, from which the frontend's types are made."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from gridmap.urls import api


class Command(BaseCommand):
    help = "Write the OpenAPI document to a file (default frontend/openapi.json); - prints it."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", nargs="?", default="frontend/openapi.json")

    def handle(self, *args: Any, file: str, **options: Any) -> None:
        text = json.dumps(api.get_openapi_schema(), indent=1, ensure_ascii=False, default=str) + "\n"
        if file == "-":
            self.stdout.write(text, ending="")
        else:
            Path(file).write_text(text, encoding="utf-8")
