"""The arrows: who may import whom, who may write, who may listen. Read from the sources themselves."""

import ast
import importlib.util
import os
import re
import subprocess
import sys
from collections.abc import Iterator

from tests.sources import APPS, HEAVY, KINDS, NOT_PURE, PURE, ROOT, ROOTS, Source, project_file, sources


def test_the_sources_were_found() -> None:
    assert {source.app for source in sources()} == set(APPS)
    assert {"models", "queries", "actions", "api", "events", "jobs", "admin"} <= {source.kind for source in sources()}
    assert len(sources()) > 60


def test_an_app_imports_only_rightwards() -> None:
    wrong = [
        f"{source.name} imports {imported}"
        for source in sources()
        if source.rank < ROOTS
        for imported in source.imports()
        if imported.split(".")[0] in APPS and APPS.index(imported.split(".")[0]) > APPS.index(source.app)
    ]
    assert wrong == []


def test_inside_an_app_a_file_imports_only_rightwards() -> None:
    wrong = []
    for source in sources():
        for imported in source.imports() if source.rank < ROOTS else ():
            target = project_file(imported)
            same = target is not None and target.kind == source.kind
            if target and not same and target.rank >= source.rank > PURE:
                wrong.append(f"{source.name} imports {imported}")
    assert wrong == []


def test_nobody_imports_a_composition_root() -> None:
    wrong = [
        f"{source.name} imports {imported}"
        for source in sources()
        if source.rank < ROOTS
        for imported in source.imports()
        if (target := project_file(imported)) and target.rank == ROOTS
    ]
    assert wrong == []


def test_pure_files_know_no_framework_no_database_and_nothing_impure() -> None:
    pure = [source for source in sources() if source.rank == PURE]
    assert {"gridmap.areacode", "gridmap.errors", "incidents.workflow", "incidents.clock"} <= {s.name for s in pure}
    wrong = [
        f"{source.name} imports {imported}"
        for source in pure
        for imported in source.imports()
        if imported.split(".")[0] in NOT_PURE or ((target := project_file(imported)) and target.rank > PURE)
    ]
    assert wrong == []


def test_no_request_goes_below_the_api() -> None:
    wrong = [
        f"{source.name} imports {imported}"
        for source in sources()
        if source.rank < KINDS["http"]
        for imported in source.imports()
        if imported.startswith(("django.http", "django.test", "django.views", "django.shortcuts"))
    ]
    assert wrong == []


def test_actions_know_no_jobs() -> None:
    imported = {i for source in sources() if source.kind in ("actions", "queries", "models") for i in source.imports()}
    assert [name for name in imported if re.search(r"\bjobs\b", name)] == []


# --- who writes ---

WRITES = re.compile(r"\b(insert\s+into|update\s+\w+\s+set|delete\s+from|truncate|copy\s+\w+\s+from)\b", re.IGNORECASE)
ON_ROWS = {
    "save",
    "create",
    "bulk_create",
    "bulk_update",
    "get_or_create",
    "update_or_create",
    "delete",
    "asave",
    "acreate",
}
# Django's admin saves by itself what has no action of its own; a model's save is what it calls.
SAVES_FOR_DJANGO = {"gridmap.admin", "gridmap.models.areas"}


def writes(source: Source) -> Iterator[str]:
    """The calls and statements of a file that change rows."""
    for call in source.calls():
        if isinstance(call.func, ast.Attribute):
            # A queryset's update takes names; that of a dict or a set takes another one.
            update = call.func.attr == "update" and call.keywords and not call.args
            route = ast.unparse(call.func.value) == "router"  # the verb of an endpoint
            if (call.func.attr in ON_ROWS and not route) or update:
                yield f"{source.name}:{call.lineno} {ast.unparse(call.func)}"
    yield from (f"{source.name}: {text.strip()[:60]}" for text in source.texts() if WRITES.search(text))


def test_only_actions_write_rows() -> None:
    may = [source for source in sources() if source.kind == "actions" or source.name == "gridmap.events"]
    assert len([found for source in may for found in writes(source)]) > 20  # they are seen where they are
    others = [source for source in sources() if source not in may and source.rank > PURE]
    assert [found for source in others if source.name not in SAVES_FOR_DJANGO for found in writes(source)] == []


def test_only_the_kernels_log_writes_events_and_rings() -> None:
    wrong = [
        f"{source.name}: {text.strip()[:60]}"
        for source in sources()
        if source.name != "gridmap.events"
        for text in source.texts()
        if re.search(r"pg_notify|\bnotify\s|insert\s+into\s+gridmap_stream", text, re.IGNORECASE)
    ]
    assert wrong == []
    created = [
        found for source in sources() for found in writes(source) if re.search(r"Stream(Event|Head)\.objects", found)
    ]
    assert created == []


def test_only_the_live_channel_listens_and_sends() -> None:
    wrong = []
    for source in sources():
        if source.kind == "live":
            continue
        wrong += [
            f"{source.name}: {text[:60]}" for text in source.texts() if re.match(r"\s*listen\s", text, re.IGNORECASE)
        ]
        wrong += [
            f"{source.name} imports {name}"
            for name in source.imports()
            if name.startswith(("channels.generic", "websockets"))
        ]
        called = {call.func.attr for call in source.calls() if isinstance(call.func, ast.Attribute)}
        wrong += [f"{source.name} calls {name}" for name in called & {"pubsub", "subscribe_to", "group_send"}]
    assert wrong == []


def test_raw_sql_stands_in_few_places() -> None:
    may = {"geo", "queries", "actions", "live", "pages"}
    wrong = [
        f"{source.name}:{call.lineno}"
        for source in sources()
        if source.kind not in may and source.name != "gridmap.events"
        for call in source.calls()
        if isinstance(call.func, ast.Attribute) and call.func.attr in ("cursor", "raw", "executemany")
    ]
    assert wrong == []


# --- what is loaded ---


def test_heavy_libraries_are_imported_by_pure_files_alone() -> None:
    wrong = [
        f"{source.name} imports {imported}"
        for source in sources()
        if source.rank > PURE
        for imported in source.imports()
        if imported.split(".")[0] in HEAVY
    ]
    assert wrong == []


def test_the_web_process_starts_without_them() -> None:
    program = "import gridmap.asgi, gridmap.urls, sys; print(*sorted(sys.modules))"
    environment = os.environ | {"GRIDMAP_ENV": "test"}
    run = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    loaded = set(run.stdout.split())
    assert "incidents.api" in loaded
    assert loaded & set(HEAVY) == set()


def test_psycopg_3_is_not_there() -> None:
    """Django would take it without a word."""
    assert importlib.util.find_spec("psycopg") is None
    for lock in ("requirements.lock", "requirements-dev.lock"):
        assert re.findall(r"^psycopg(?:-binary|-c|-pool)?==", (ROOT / lock).read_text(), re.MULTILINE) == []
