"""What planners and the cutter agree on: households of a cell, the size of a community, what borders lie on. No library needed."""

from dataclasses import dataclass

FEWEST, MOST = 300, 500  # households of a cell (national practice of grid management)
TARGET, TOLERANCE = 400, 0.10
KINDS = ("barrier", "street", "branch", "lane", "open")  # in the order of `graph.BARRIER` … `graph.OPEN`


@dataclass(frozen=True)
class Size:
    """How many households (or persons) a community should have."""

    least: int
    most: int

    def fits(self, number: int) -> bool:
        return self.least <= number <= self.most
