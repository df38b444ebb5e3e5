"""What the benches need of a town: one street with cells, a department, and as many people as there are sockets."""

from gridmap import actions
from gridmap.models import Area, Department, Role, User

STREET = "990101001"
CELLS = [f"{STREET}{community:03}{cell:03}" for community in range(1, 7) for cell in range(1, 8)]


def make() -> Department:
    """The areas and the department; a second call changes nothing."""
    codes = ["99", "9901", "990101", STREET, *sorted({cell[:12] for cell in CELLS}), *CELLS]
    if not Area.objects.exists():
        actions.put_areas(Area(code=code, name=f"示范{code[-3:]}") for code in codes)
    return actions.put_department("sanitation", name="环境卫生管理所", name_en="Sanitation", area_code="990101")


def tokens(count: int) -> list[str]:
    """A bearer token for each of `count` different people of the street office."""
    people = [actions.put_user(f"bench{number}", name=f"值班{number}") for number in range(count)]
    for person in people:
        actions.grant(person, Role.DIRECTOR, STREET)
    return [actions.issue_token(person, label="bench") for person in people]


def reporter() -> User:
    return actions.put_user("bench-reporter", name="网格员")
