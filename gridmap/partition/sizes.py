"""What planners and the cutter agree on: how many households a cell has, and what its borders lie on. No library needed."""

FEWEST, MOST = 300, 500  # households of a cell (national practice of grid management)
TARGET, TOLERANCE = 400, 0.10
KINDS = ("barrier", "street", "branch", "lane", "open")  # in the order of `graph.BARRIER` … `graph.OPEN`
