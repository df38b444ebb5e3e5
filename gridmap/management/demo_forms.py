"""Forms that the street of the demo keeps: asked of its register every month, or by hand."""

from uuid import uuid4

from gridmap.actions.forms import Wish, ask_due, keep
from gridmap.forms import Form
from gridmap.management import demo
from gridmap.models import User

KEPT = (
    Wish(
        "各社区住户与老幼人数",
        demo.STREET,
        Form("household", ("community",), ("size", "over_60", "over_80", "under_14")),
        1,
    ),
    Wish("部件状态", demo.STREET, Form("object", ("community", "state"))),
    Wish("各网格单位类型", demo.STREET, Form("organisation", ("cell", "kind"))),
)


def put_forms(people: dict[str, User]) -> None:
    """Keep the forms, and let the clock ask the one whose day has come."""
    for wish in KEPT:
        keep(people["director"], uuid4(), wish)
    ask_due()
