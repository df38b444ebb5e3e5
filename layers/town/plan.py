"""The drawing the town starts from: main roads, river and what each big block is for.

All coordinates are metres east and north of the south-west corner of the street.
"""

from dataclasses import dataclass

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class RoadPlan:
    """A road through control points, cut where it meets the roads named in `start` and `end`."""

    name: str
    kind: str
    points: tuple[Point, ...]
    start: str = ""
    end: str = ""


@dataclass(frozen=True, slots=True)
class BlockPlan:
    """A block between main roads (found by a point in it) and the cells it is cut into.

    `cells` names the character of each cell, from west to east or north to south.
    """

    at: Point
    community: int
    cells: tuple[str, ...]
    across: bool = False  # cut by a line that runs west-east instead of north-south


RIVER_NAME = "澄溪河"
RIVER_WIDTH = 74.0
RIVER: tuple[Point, ...] = (
    (-900, 690), (-480, 640), (-160, 575), (150, 540), (430, 470), (690, 372), (960, 345), (1210, 425),
    (1430, 545), (1690, 600), (1960, 548), (2200, 430), (2460, 385), (2760, 430), (3000, 520), (3350, 560),
)  # fmt: skip

BROOK_NAME = "柳叶溪"
BROOK_WIDTH = 13.0
BROOK: tuple[Point, ...] = ((1180, -420), (1225, -120), (1190, 60), (1255, 190), (1228, 320), (1262, 450))

NORTH_BANK, SOUTH_BANK = 84.0, -80.0  # metres from the middle of the river to the roads beside it

ROADS: tuple[RoadPlan, ...] = (
    RoadPlan("北环路", "primary", (
        (-900, 1700), (-300, 1790), (120, 1772), (640, 1862), (1240, 1935), (1830, 1880), (2480, 1770), (3400, 1830))),
    RoadPlan("望江大道", "primary", (
        (-900, 900), (-350, 985), (60, 1010), (500, 1012), (930, 955), (1370, 1003), (1800, 1072), (2350, 1010),
        (2800, 930), (3400, 940))),
    RoadPlan("柳林路", "primary", (
        (-900, 130), (-200, 70), (350, 22), (900, -18), (1480, 52), (2080, 34), (2700, -40), (3400, -10))),
    RoadPlan("云锦路", "primary", (
        (960, -800), (985, -300), (1010, 0), (1052, 350), (1004, 700), (978, 960), (1052, 1440), (1046, 1900), (980, 2300),
        (1010, 2700))),
    RoadPlan("东环路", "primary", (
        (2290, -800), (2395, -200), (2440, 60), (2412, 430), (2470, 1000), (2428, 1400), (2484, 1775), (2440, 2200),
        (2500, 2700))),
    RoadPlan("西环路", "secondary", (
        (-40, -700), (22, -200), (70, 60), (34, 330), (10, 560), (34, 1010), (-22, 1400), (26, 1780), (110, 2150), (60, 2600))),
    RoadPlan("长兴路", "secondary", (
        (-60, 1392), (420, 1440), (1050, 1508), (1560, 1486), (2140, 1404), (2500, 1368)), "西环路", "东环路"),
    RoadPlan("文昌路", "secondary", (
        (470, 380), (500, 640), (528, 1012), (486, 1440), (560, 1900)), "滨江路", "北环路"),
    RoadPlan("学府路", "secondary", (
        (1760, -40), (1795, 300), (1858, 620), (1782, 1065), (1846, 1450), (1905, 1920)), "柳林路", "北环路"),
    RoadPlan("桂花街", "tertiary", (
        (1440, 560), (1425, 760), (1372, 1004), (1420, 1250), (1402, 1520)), "滨江路", "长兴路"),
    RoadPlan("紫薇路", "tertiary", ((1500, 1440), (1490, 1640), (1530, 1960)), "长兴路", "北环路"),
    RoadPlan("竹溪路", "tertiary", ((600, -60), (560, 150), (590, 460)), "柳林路", "澄溪河"),
    RoadPlan("荷塘路", "tertiary", ((1420, 0), (1402, 260), (1440, 620)), "柳林路", "澄溪河"),
    RoadPlan("老城街", "tertiary", ((488, 735), (720, 690), (1005, 728), (1230, 765), (1428, 750)), "文昌路", "桂花街"),
)  # fmt: skip

COMMUNITIES: tuple[tuple[str, str], ...] = (
    ("望江社区", "Wangjiang Community"),
    ("文昌社区", "Wenchang Community"),
    ("云锦社区", "Yunjin Community"),
    ("学府社区", "Xuefu Community"),
    ("桂花社区", "Guihua Community"),
    ("柳林社区", "Liulin Community"),
)

ANCESTORS: tuple[tuple[str, str, str], ...] = (
    ("99", "示范省", "Demo Province"),
    ("9901", "示范市", "Demo City"),
    ("990101", "示范区", "Demo District"),
    ("990101001", "望江街道", "Wangjiang Street"),
)

BLOCKS: tuple[BlockPlan, ...] = (
    BlockPlan((270, 1620), 2, ("hill", "slab"), across=True),
    BlockPlan((780, 1650), 2, ("slab", "slab")),
    BlockPlan((1270, 1700), 3, ("slab", "middle_school"), across=True),
    BlockPlan((1700, 1690), 4, ("tower", "slab"), across=True),
    BlockPlan((2180, 1620), 4, ("slab", "industry")),
    BlockPlan((260, 1230), 2, ("slab", "slab")),
    BlockPlan((760, 1230), 3, ("slab", "hospital_slab")),
    BlockPlan((1210, 1250), 3, ("centre", "slab"), across=True),
    BlockPlan((1600, 1250), 5, ("slab", "school_slab")),
    BlockPlan((2120, 1230), 4, ("college", "tower")),
    BlockPlan((270, 780), 1, ("slab", "old")),
    BlockPlan((740, 850), 1, ("old", "market"),),
    BlockPlan((740, 560), 1, ("old",)),
    BlockPlan((1200, 880), 1, ("slab",)),
    BlockPlan((1220, 600), 1, ("old",)),
    BlockPlan((1620, 850), 5, ("slab", "slab"), across=True),
    BlockPlan((2130, 820), 5, ("slab", "tower", "works")),
    BlockPlan((500, 500), 1, ("riverside",)),
    BlockPlan((1450, 600), 5, ("riverside",)),
    BlockPlan((2130, 500), 5, ("riverside",)),
    BlockPlan((330, 250), 6, ("village", "slab")),
    BlockPlan((800, 180), 6, ("slab", "tower")),
    BlockPlan((1230, 250), 6, ("school_slab",)),
    BlockPlan((1600, 270), 6, ("tower", "slab"), across=True),
    BlockPlan((2100, 250), 6, ("slab", "wetland")),
)  # fmt: skip
