"""What apps to the left put in when they start, because the kernel cannot import them. Pure."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

# Each cell that ends, and the codes that follow it, the one with most of its ground first. A community that gets its first
# cells stands here with none: what has a place goes to the cell around it, what has none stays with the community.
Successors = Mapping[str, Sequence[str]]
Mover = Callable[[Successors, int | None], int]
Holder = Callable[[Iterable[str]], object]

# Something about an area for somebody who looks at it (a user of `gridmap.models`): a JSON object, None if it is not hers to see.
Section = Callable[[Any, str], dict[str, Any] | None]

_sections: dict[str, Section] = {}
_movers: dict[str, Mover] = {}
_holders: dict[str, Holder] = {}


def when_cells_end(name: str, mover: Mover, hold: Holder) -> None:
    """Call `mover(successors, actor id)` in the transaction in which cells end; it answers how many rows it moved.

    `hold(codes)` comes before the first event of that transaction and locks the rows that will be moved.
    """
    _movers[name], _holders[name] = mover, hold


def hold_cells(codes: Iterable[str]) -> None:
    """Let everybody lock what lies in cells that are about to end."""
    for _, hold in sorted(_holders.items()):
        hold(codes)


def cells_ended(successors: Successors, actor: int | None) -> dict[str, int]:
    """Let everybody move what lies in cells that end; how many rows by whom."""
    return {name: mover(successors, actor) for name, mover in sorted(_movers.items())}


# Layer, kind, households, floors and WKB in metres of a zone, of what touches an outline in degrees.
GroundSource = Callable[[Any, int], Iterable[tuple[str, str, int | None, int | None, bytes]]]
# Longitude and latitude of each incident of an area since a moment.
IncidentSource = Callable[[str, datetime], list[tuple[float, float]]]

# WKB in metres of a zone of the main roads and waters in a box of degrees (west, south, east, north).
MainLineSource = Callable[[tuple[float, float, float, float], int], Iterable[bytes]]

_ground: list[GroundSource] = []
_main_lines: list[MainLineSource] = []
_incidents: list[IncidentSource] = []


def offer_ground(source: GroundSource) -> None:
    """Let cells be cut by this base map."""
    _ground[:] = [source]


def offer_main_lines(source: MainLineSource) -> None:
    """Let communities end at the main roads and waters of this base map."""
    _main_lines[:] = [source]


def offer_incidents(source: IncidentSource) -> None:
    """Let plans of cells show how much happened where."""
    _incidents[:] = [source]


def ground(outline: Any, zone: int) -> Iterable[tuple[str, str, int | None, int | None, bytes]]:
    """What is known of the ground within an outline; nothing where no app knows any."""
    return _ground[0](outline, zone) if _ground else ()


def main_lines(box: tuple[float, float, float, float], zone: int) -> Iterable[bytes]:
    """The main roads and waters in a box of degrees; nothing where no app knows any."""
    return _main_lines[0](box, zone) if _main_lines else ()


def incidents(area_code: str, since: datetime) -> list[tuple[float, float]]:
    """Where incidents of an area were since a moment."""
    return _incidents[0](area_code, since) if _incidents else []


def on_the_cell_page(name: str, section: Section) -> None:
    """Show a section of this name on the page of a cell: `section(user, area code)`."""
    _sections[name] = section


def sections_of(user: Any, code: str) -> dict[str, dict[str, Any]]:
    """All that others have to say about an area to a user, by name."""
    found = {name: section(user, code) for name, section in sorted(_sections.items())}
    return {name: part for name, part in found.items() if part is not None}
