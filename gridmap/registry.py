"""What apps to the left put in when they start, because the kernel cannot import them. Pure."""

from collections.abc import Callable, Mapping, Sequence

# Each cell that ends, and the codes that follow it, the one with most of its ground first.
Successors = Mapping[str, Sequence[str]]
Mover = Callable[[Successors, int | None], int]

_movers: dict[str, Mover] = {}


def when_cells_end(name: str, mover: Mover) -> None:
    """Call `mover(successors, actor id)` in the transaction in which cells end; it answers how many rows it moved."""
    _movers[name] = mover


def cells_ended(successors: Successors, actor: int | None) -> dict[str, int]:
    """Let everybody move what lies in cells that end; how many rows by whom."""
    return {name: mover(successors, actor) for name, mover in sorted(_movers.items())}
