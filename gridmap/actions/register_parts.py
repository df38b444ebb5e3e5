"""What belongs to a place follows it: its address and its cell at every depth, and the proposals that wait about it."""

from collections.abc import Collection, Iterable
from uuid import UUID

from django.db import connection
from django.utils import timezone

from gridmap.models import Proposal, ProposalState
from gridmap.register.kinds import PLACE_KINDS

# Kind, id, version, the code before and the code now of a record that lies elsewhere.
Moved = tuple[str, UUID, int, str, str]

_BELOW = """with recursive below as (
    select id, title::text, area_code::text, 0 as depth from gridmap_place where id = any(%s)
    union all
    select p.id, left(b.title || ' ' || p.name, 300), case when p.point is null then b.area_code else p.area_code end, b.depth + 1
    from gridmap_place p join below b on p.parent_id = b.id where p.ended_at is null)"""
# Whoever holds several places holds wholes before their parts, and places before what lies in them: nobody waits in a ring.
WHOLES_FIRST = f"array_position(array{[one.code for one in PLACE_KINDS]}, r.kind::text), r.id"
# What each is to say and where it is to lie.
_SAID = {
    "place": f"""select b.id, b.title, b.area_code
        from below b join gridmap_place r on r.id = b.id where b.depth > 0 order by {WHOLES_FIRST}""",
    "household": """select r.id, left(concat_ws(' ', b.title, nullif(r.label, '')), 300), b.area_code
        from below b join gridmap_household r on r.place_id = b.id where r.ended_at is null order by r.id""",
    "organisation": """select r.id, left(r.name || ' ' || b.title, 300), case when r.point is null then b.area_code else r.area_code end
        from below b join gridmap_organisation r on r.place_id = b.id where r.ended_at is null order by r.id""",
}
# An organisation without a credit code is known by its name in the community: 12 digits before the first bar.
_KEY = ", natural_key = case when r.uscc = '' then left(s.now, 12) || substr(r.natural_key, 13) else r.natural_key end"


def follow(places: Collection[UUID]) -> list[Moved]:
    """Let what is in force and belongs to these places say its address and cell as they are now; what lies in another cell.

    Where a key is taken in the community that something comes to, the database refuses (IntegrityError of `…_once`).
    """
    moved = [one for kind in _SAID for one in _followed(kind, places)]
    move_proposals(moved)
    return moved


def _followed(kind: str, places: Collection[UUID]) -> list[Moved]:
    sql = f"""{_BELOW}, said (id, title, now) as ({_SAID[kind]} for update of r),
        other as (select s.*, r.area_code as before from said s join gridmap_{kind} r on r.id = s.id
            where (r.title, r.area_code) is distinct from (s.title, s.now))
        update gridmap_{kind} r set title = s.title, area_code = s.now, version = r.version + (s.now <> s.before)::int
            {_KEY if kind == "organisation" else ""}
        from other s where r.id = s.id returning r.id, r.version, s.before, s.now"""
    with connection.cursor() as cursor:
        cursor.execute(sql, [list(places)])
        return [(kind, pk, version, before, now) for pk, version, before, now in cursor.fetchall() if before != now]


def move_proposals(moved: Iterable[Moved]) -> None:
    """Let proposals that wait go with their records, so that who looks after the cell decides about them."""
    rows = [(kind, pk, now) for kind, pk, _, _, now in moved]
    if not rows:
        return
    sql = """update gridmap_proposal p set area_code = m.now from unnest(%s::text[], %s::uuid[], %s::text[]) as m (kind, id, now)
        where p.record = m.id and p.kind = m.kind and p.state = %s"""
    with connection.cursor() as cursor:
        cursor.execute(sql, [*(list(column) for column in zip(*rows, strict=True)), ProposalState.OPEN])


def refuse_proposals(kind: str, record: UUID) -> int:
    """Close the proposals about a record that ends, because nobody can follow them any more; how many."""
    waiting = Proposal.objects.filter(kind=kind, record=record, state=ProposalState.OPEN)
    return waiting.update(state=ProposalState.REFUSED, decided_at=timezone.now())
