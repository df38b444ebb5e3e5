"""The project's own Python files as syntax trees: what the tests of the architecture read."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
APPS = ("gridmap", "layers", "incidents", "patrols")  # an app imports only from those before it

# Kinds of files in an app, each importing only from lower ones. What is not named here is pure.
KINDS = {
    "models": 1,
    "access": 2, "events": 2, "geo": 2,
    "queries": 3,
    "actions": 4,
    "http": 5,
    "schemas": 6, "live": 6,
    "api": 7, "public": 7, "jobs": 7, "admin": 7, "pages": 7,
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
HEAVY = (
    "pandas",
    "geopandas",
    "pyogrio",
    "folium",
    "fiona",
    "networkx",
    "spopt",
    "scipy",
    "numba",
    "pymetis",
    "ortools",
    "pypinyin",
    "weasyprint",
    "pyhanko",
)


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
