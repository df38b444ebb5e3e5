"""The arrows: who may import whom, who may write, who may listen. Read from the sources themselves."""

import ast
import importlib.util
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
APPS = ("gridmap", "layers", "incidents", "patrols")  # an app imports only from those before it

# Kinds of files in an app, each importing only from lower ones. What is not named here is pure.
KINDS = {
    "models": 1,
    "access": 2, "events": 2, "geo": 2,
    "queries": 3,
    "actions": 4,
    "http": 5, "live": 5,
    "schemas": 6,
    "api": 7, "jobs": 7, "admin": 7, "pages": 7,
    "apps": 8,
    "settings": 9, "urls": 9, "wsgi": 9, "asgi": 9, "management": 9,
}  # fmt: skip
PURE, ROOTS = 0, 9
NOT_PURE = (
    "django",
    "django_tasks",
    "django_tasks_db",
    "ninja",
    "channels",
    "psycopg2",
    "redis",
    "asgiref",
    "dj_database_url",
)
HEAVY = ("pandas", "geopandas", "pyogrio", "folium", "fiona", "networkx", "spopt", "scipy", "pypinyin")


@dataclass(frozen=True)
class Source:
    """One Python file of an app."""

    path: Path

    @property
    def name(self) -> str:
        """As it is imported: gridmap.live.hub."""
        parts = self.path.relative_to(ROOT).with_suffix("").parts
        return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)

    @property
    def app(self) -> str:
        return self.name.split(".")[0]

    @property
    def kind(self) -> str:
        """The file's name, or that of the package it belongs to."""
        return [*self.name.split("."), ""][1]

    @property
    def rank(self) -> int:
        return KINDS.get(self.kind, PURE)

    @property
    def tree(self) -> ast.Module:
        return parsed(self.path)

    def imports(self) -> Iterator[str]:
        """Everything it imports, by full name."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                yield from (alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                package = self.name.split(".") if self.path.name == "__init__.py" else self.name.split(".")[:-1]
                base = package[: len(package) - node.level + 1] if node.level else []
                yield from (".".join([*base, *filter(None, [node.module]), alias.name]) for alias in node.names)

    def calls(self) -> Iterator[ast.Call]:
        yield from (node for node in ast.walk(self.tree) if isinstance(node, ast.Call))

    def texts(self) -> Iterator[str]:
        """The texts in it that are not docstrings."""
        documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
        said = {id(node.body[0].value) for node in ast.walk(self.tree)
                if isinstance(node, documented) and node.body and isinstance(node.body[0], ast.Expr)}  # fmt: skip
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in said:
                yield node.value


@cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


@cache
def sources() -> tuple[Source, ...]:
    found = (path for app in APPS for path in sorted((ROOT / app).rglob("*.py")) if "migrations" not in path.parts)
    return tuple(Source(path) for path in found)


def project_file(imported: str) -> Source | None:
    """The file that an import of the project's own names means, None for others."""
    parts = imported.split(".")
    if parts[0] not in APPS:
        return None
    while parts:
        for path in (ROOT.joinpath(*parts).with_suffix(".py"), ROOT.joinpath(*parts, "__init__.py")):
            if path.exists():
                return Source(path)
        parts.pop()
    return None


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
SAVES_FOR_DJANGO = {"gridmap.admin", "gridmap.models"}


def writes(source: Source) -> Iterator[str]:
    """The calls and statements of a file that change rows."""
    for call in source.calls():
        if isinstance(call.func, ast.Attribute):
            # A queryset's update takes names; that of a dict or a set takes another one.
            update = call.func.attr == "update" and call.keywords and not call.args
            if call.func.attr in ON_ROWS or update:
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


# --- what stands in the repository ---

TOP = {
    ".ci", ".editorconfig", ".gitattributes", ".gitignore", "ARCHITECTURE.md", "CHANGELOG.md", "CONTRIBUTING.md", "LICENSE",
    "Procfile", "README.md", "README.zh.md", "docs", "frontend", "manage.py", "pyproject.toml", "requirements-dev.lock",
    "requirements-uv.lock", "requirements.lock", "scripts", "tests", *APPS,
}  # fmt: skip
GENERATED = {"frontend/src/api/schema.d.ts", "frontend/package-lock.json"}
MOST_LINES, LONGEST_FUNCTION = 400, 40


@cache
def tracked() -> tuple[str, ...]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return tuple(name for name in listed.split("\0") if name and (ROOT / name).exists())


def test_the_top_of_the_repository_holds_what_was_agreed() -> None:
    assert {name.split("/")[0] for name in tracked()} <= TOP
    assert {"ARCHITECTURE.md", "CHANGELOG.md", "LICENSE", "README.md", "README.zh.md"} <= set(tracked())


def test_files_can_be_read_in_one_sitting() -> None:
    code = re.compile(r"\.(py|ts|vue|js|css|sh)$|^scripts/[\w-]+$")
    long = {
        name: lines
        for name in tracked()
        if code.search(name) and name not in GENERATED and "/migrations/" not in name
        if (lines := len((ROOT / name).read_text(encoding="utf-8").splitlines())) > MOST_LINES
    }
    assert long == {}


def test_functions_can_be_seen_at_one_glance() -> None:
    long = []
    for path in [source.path for source in sources()] + sorted((ROOT / "tests").rglob("*.py")):
        for node in ast.walk(parsed(path)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = (node.end_lineno or 0) - node.lineno + 1
                if lines > LONGEST_FUNCTION:
                    long.append(f"{path.relative_to(ROOT)}:{node.lineno} {node.name}: {lines} lines")
    assert long == []


ADDRESS = re.compile(r"""(?:https?|wss?):(?:\\?/){2}([\w.-]+)|["'(]//([\w-]+\.[\w.-]+)""")
# Names of formats, not addresses that are opened; and this machine.
HARMLESS = {"www.w3.org", "127.0.0.1", "localhost"}


@pytest.mark.parametrize("where", [*APPS, "frontend"])
def test_nothing_is_loaded_from_outside(where: str) -> None:
    shipped = re.compile(r"\.(py|ts|vue|js|css|html|svg|json|webmanifest|csv|txt)$")
    found = [
        f"{name}: {match.group(0)}"
        for name in tracked()
        if name.startswith(f"{where}/") and shipped.search(name) and name not in GENERATED
        for match in ADDRESS.finditer((ROOT / name).read_text(encoding="utf-8"))
        if (match.group(1) or match.group(2)) not in HARMLESS
    ]
    assert found == []


# --- the frontend ---

FRONTEND = ROOT / "frontend" / "src"
FLOORS = {
    "pages": 5,
    "components": 4,
    "stores": 3,
    "map": 2,
    "i18n": 2,
    "api": 1,
    "model": 0,
}  # files beside them: below
TOP_FILES = {"main.ts", "App.vue", "router.ts", "sw.ts"}
IMPORT = re.compile(
    r"""(?:\b(?P<how>import|export)\s+(?P<type>type\s)?[^'";]*?\bfrom\s*|\bimport\s*\(?\s*)['"](?P<what>[^'"]+)['"]"""
)


def scripts() -> list[Path]:
    return sorted(path for path in FRONTEND.rglob("*") if path.suffix in (".ts", ".vue"))


def floor(path: Path) -> int:
    parts = path.relative_to(FRONTEND).parts
    if len(parts) == 1 and path.name.split(".")[0] in {name.split(".")[0] for name in TOP_FILES}:
        return 6
    return FLOORS.get(parts[0], 0)


def imports_of(path: Path) -> Iterator[tuple[Path, bool]]:
    """(what a script imports of the project, whether only types)."""
    for match in IMPORT.finditer(path.read_text(encoding="utf-8")):
        what = match.group("what")
        if what.startswith(("@/", ".")):
            target = FRONTEND / what[2:] if what.startswith("@/") else Path(os.path.normpath(path.parent / what))
            yield target, bool(match.group("type"))


def test_the_frontend_imports_only_rightwards() -> None:
    edges = [(path, target, types) for path in scripts() for target, types in imports_of(path)]
    assert len(edges) > 150
    wrong = [
        f"{path.relative_to(FRONTEND)} imports {target.relative_to(FRONTEND)}"
        for path, target, types in edges
        if floor(target) > floor(path) and not (types and floor(target) == FLOORS["api"])
    ]
    assert wrong == []


@pytest.mark.parametrize(
    ("what", "where"),
    [
        (r"\bfetch\s*\(", {"api/client.ts", "api/upload.ts", "sw.ts"}),
        (r"\bXMLHttpRequest\b|\bsendBeacon\b|\bEventSource\b", {"api/upload.ts"}),
        (r"\bnew WebSocket\b", {"api/live.ts"}),
        (r"from 'idb'|\bindexedDB\b", {"api/outbox.ts", "api/outboxStore.ts", "sw.ts"}),
    ],
)
def test_only_one_file_opens_each_way_out(what: str, where: set[str]) -> None:
    found = {str(path.relative_to(FRONTEND)) for path in scripts() if re.search(what, path.read_text(encoding="utf-8"))}
    assert found <= where
