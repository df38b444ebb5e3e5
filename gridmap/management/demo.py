"""Who works in the demo town: departments and people, all invented. The password is public; production refuses it."""

from dataclasses import dataclass

from gridmap.models import Role

PASSWORD = "gridmap-demo"  # noqa: S105  # made known on purpose
DISTRICT, STREET = "990101", "990101001"


@dataclass(frozen=True, slots=True)
class Team:
    """A department; `name` is the handler name of the catalogue, by which a department is suggested."""

    code: str
    name: str
    name_en: str
    area_code: str = DISTRICT


TEAMS = (
    Team("enforcement", "综合执法", "Urban management"),
    Team("works", "市政", "Municipal works"),
    Team("sanitation", "环卫", "Sanitation"),
    Team("greening", "园林", "Parks and trees"),
    Team("water", "供水", "Water supply"),
    Team("drainage", "排水", "Drainage"),
    Team("gas", "供热供气", "Gas and heat"),
    Team("power", "电力", "Electricity"),
    Team("telecom", "通信", "Telecom lines"),
    Team("police", "公安", "Traffic police"),
    Team("civil", "民政", "Civil affairs"),
    Team("property", "物业", "Property management", STREET),
    Team("street", "街道", "Street office team", STREET),
)


@dataclass(frozen=True, slots=True)
class Person:
    """A demo account: user name, name, role, where (a code, or a community by number), department."""

    username: str
    name: str
    role: Role
    area_code: str = STREET
    team: str = ""


WORKERS = (
    "周晓兰", "陈立群", "吴秀梅", "何志远", "罗小英", "唐建军", "郑雅琴", "彭家明", "谢春燕", "邓国强", "冯丽娟", "曾祥林",
)  # fmt: skip
_HANDLERS = (
    ("law01", "熊伟", "enforcement"),
    ("law02", "付红梅", "enforcement"),
    ("works01", "杜长青", "works"),
    ("works02", "蒋文斌", "works"),
    ("clean01", "赖素珍", "sanitation"),
    ("clean02", "钟大勇", "sanitation"),
    ("green01", "苗青", "greening"),
    ("water01", "江海波", "water"),
    ("drain01", "沈渠", "drainage"),
    ("civil01", "段静怡", "civil"),
    ("gas01", "温炳炎", "gas"),
    ("power01", "雷明亮", "power"),
    ("telecom01", "向通", "telecom"),
    ("police01", "严守义", "police"),
    ("estate01", "管怡", "property"),
    ("street01", "石磊", "street"),
)
_COMMUNITY = ("梁思敏", "戴云", "范晓东", "龚静", "汪洁", "叶枫")

PEOPLE = (
    Person("acceptor01", "李婉清", Role.ACCEPTOR),
    Person("acceptor02", "赵启明", Role.ACCEPTOR),
    Person("dispatcher01", "王海涛", Role.DISPATCHER),
    Person("dispatcher02", "孙玉洁", Role.DISPATCHER),
    *(Person(username, name, Role.HANDLER, DISTRICT, team) for username, name, team in _HANDLERS),
    Person("director", "林振华", Role.DIRECTOR),
    Person("leader", "程远山", Role.DIRECTOR, DISTRICT),
    *(Person(f"community{i:02}", name, Role.COMMUNITY, f"{STREET}{i:03}") for i, name in enumerate(_COMMUNITY, 1)),
    Person("planner", "许若溪", Role.PLANNER),
    Person("auditor", "方正", Role.AUDITOR, DISTRICT),
    Person("admin", "系统管理员", Role.ADMINISTRATOR, "99"),
)


def cells_of_workers(cells: list[str]) -> dict[str, list[str]]:
    """Which cells each worker serves: two workers to a community, neighbours by code. User name to codes."""
    found: dict[str, list[str]] = {}
    for number in range(1, len(WORKERS) // 2 + 1):
        own = sorted(code for code in cells if code.startswith(f"{STREET}{number:03}"))
        half = (len(own) + 1) // 2
        found[f"worker{number * 2 - 1:02}"], found[f"worker{number * 2:02}"] = own[:half], own[half:]
    return found


def phone_of(person: Person) -> str:
    """A made-up office phone for those whose name hangs on the board of a cell."""
    return f"000-{6610000 + int(person.username[-2:])}" if person.role is Role.COMMUNITY else ""
