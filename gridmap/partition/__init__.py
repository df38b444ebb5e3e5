"""Cutting communities into cells: pure, without Django and without a database.

`plots` makes the units that are never cut (buildings with the ground around them) from lines and footprints, `cut` joins
units to cells, `kernel` is its inner loop, `measure` says how good cells are, `raster` makes squares and hexagons for
statistics, `numbering` gives codes. Lengths are metres and areas square metres in a projected CRS.
"""
