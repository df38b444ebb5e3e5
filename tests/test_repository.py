"""What stands in the repository: agreed names, files and functions of a size to be read, no address outside, the frontend's arrows."""

import ast
import os
import re
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.sources import APPS, ROOT, parsed, sources

TOP = {
    ".ci", ".editorconfig", ".gitattributes", ".gitignore", "ARCHITECTURE.md", "CHANGELOG.md", "CONTRIBUTING.md", "LICENSE",
    "Procfile", "README.md", "README.zh.md", "docs", "frontend", "manage.py", "pyproject.toml", "requirements-dev.lock",
    "requirements-peers.lock", "requirements-uv.lock", "requirements.lock", "scripts", "tests", *APPS,
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
HARMLESS = {"www.w3.org", "wiki.open311.org", "127.0.0.1", "localhost"}


@pytest.mark.parametrize("where", [*APPS, "frontend"])
def test_nothing_is_loaded_from_outside(where: str) -> None:
    shipped = re.compile(r"\.(py|ts|vue|js|css|html|svg|json|webmanifest|csv|txt)$")
    found = [
        f"{name}: {match.group(0)}"
        for name in tracked()
        if name.startswith(f"{where}/") and "/tests/" not in name and shipped.search(name) and name not in GENERATED
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
