"""The register of a cell: places, households, public objects, organisations. One record for each real thing."""

from typing import ClassVar

from django.contrib.gis.db import models
from django.contrib.postgres.indexes import GinIndex, GistIndex
from django.contrib.postgres.search import SearchVectorField
from django.db.models import F, Q

from gridmap.models.areas import Transform
from gridmap.models.search import Grams
from gridmap.models.staff import Department, User
from gridmap.register.kinds import ORGANISATION_KINDS, PLACE_KINDS, STATES, USES, Choice


def _choices(rows: tuple[Choice, ...]) -> list[tuple[str, str]]:
    return [(one.code, one.zh) for one in rows]


def _sums(name: str, *fields: str) -> models.Index:
    """What forms add up by area, read from the index alone."""
    in_force = Q(ended_at__isnull=True)
    return models.Index(
        name=name, fields=["area_code"], opclasses=["varchar_pattern_ops"], include=list(fields), condition=in_force
    )


class Record(models.Model):
    """What every record has: where it lies, as what it is shown and found, when somebody last looked, when that is due again."""

    id = models.UUIDField(primary_key=True)  # made by the client
    area_code = models.CharField(max_length=15)  # set by PostGIS from its place, moved when cells change
    title = models.CharField(max_length=300)  # its address or name as people read it
    natural_key = models.CharField(max_length=200)
    point = models.PointField(srid=4326, null=True, spatial_index=False)
    version = models.IntegerField(default=1)
    verified_at = models.DateTimeField(null=True)
    verified_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    due_on = models.DateField()
    ended_at = models.DateTimeField(null=True)
    imported = models.UUIDField(null=True)  # the import that made it
    created_at = models.DateTimeField(auto_now_add=True)
    search = models.GeneratedField(expression=Grams(F("title")), output_field=SearchVectorField(), db_persist=True)

    class Meta:
        abstract = True
        indexes: ClassVar = [
            models.Index(
                name="%(class)s_due", fields=["area_code", "due_on", "id"], condition=Q(ended_at__isnull=True),
                opclasses=["varchar_pattern_ops", "date_ops", "uuid_ops"],
            ),
            # New words wait in a list of a megabyte at most: an import writes them together, a search reads the list besides.
            GinIndex(name="%(class)s_search", fields=["search"], fastupdate=True, gin_pending_list_limit=1024),
            models.Index(name="%(class)s_next", fields=["due_on", "id"], condition=Q(ended_at__isnull=True)),
        ]  # fmt: skip
        constraints: ClassVar = [
            models.UniqueConstraint(name="%(class)s_once", fields=["natural_key"], condition=Q(ended_at__isnull=True))
        ]

    def __str__(self) -> str:
        return self.title


class Mapped(Record):
    """A record that may have a place of its own on the map."""

    point_3857 = models.GeneratedField(
        expression=Transform(F("point"), 3857),
        output_field=models.PointField(srid=3857, null=True, spatial_index=False),
        db_persist=True,
    )

    class Meta(Record.Meta):
        abstract = True
        indexes: ClassVar = [*Record.Meta.indexes, GistIndex(name="%(class)s_point", fields=["point_3857"])]


class Place(Mapped):
    """A compound, a building in it, a stairwell, a dwelling or other rooms: each a part of the one before."""

    kind = models.CharField(max_length=10, choices=_choices(PLACE_KINDS))
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="parts")
    name = models.CharField(max_length=60)
    use = models.CharField(max_length=12, choices=_choices(USES), blank=True)
    floors = models.SmallIntegerField(null=True)
    households = models.IntegerField(null=True)  # as counted from outside, where the dwellings are not recorded

    class Meta(Mapped.Meta):
        indexes: ClassVar = [*Mapped.Meta.indexes, _sums("place_sums", "kind", "use", "households")]
        constraints: ClassVar = [
            *Mapped.Meta.constraints,
            models.CheckConstraint(name="place_kind_known", condition=Q(kind__in=[one.code for one in PLACE_KINDS])),
            models.CheckConstraint(name="place_parent_other", condition=~Q(parent=F("id"))),
        ]


class Household(Record):
    """Who lives together at an address: counts, no names."""

    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="homes")
    label = models.CharField(max_length=20, blank=True)
    size = models.SmallIntegerField()
    over_60 = models.SmallIntegerField(null=True)
    over_80 = models.SmallIntegerField(null=True)
    under_14 = models.SmallIntegerField(null=True)

    class Meta(Record.Meta):
        indexes: ClassVar = [
            *Record.Meta.indexes,
            _sums("household_sums", "size", "over_60", "over_80", "under_14"),
        ]
        constraints: ClassVar = [
            *Record.Meta.constraints,
            models.CheckConstraint(name="household_counts", condition=Q(size__gte=0)),
        ]


class PublicObject(Mapped):
    """A public facility with a code of 16 digits and three responsible bodies."""

    code = models.CharField(max_length=16)
    scheme = models.CharField(max_length=30, blank=True)
    klass = models.CharField(max_length=12, blank=True)
    name = models.CharField(max_length=60)
    state = models.CharField(max_length=8, choices=_choices(STATES), blank=True)
    authority = models.ForeignKey(Department, on_delete=models.PROTECT, null=True, related_name="+")  # 主管
    owner = models.ForeignKey(Department, on_delete=models.PROTECT, null=True, related_name="+")  # 权属
    maintainer = models.ForeignKey(Department, on_delete=models.PROTECT, null=True, related_name="+")  # 养护
    cycle = models.SmallIntegerField(null=True)  # days between two inspections


class Organisation(Mapped):
    """A shop, a school, a property manager …: a body, not a person."""

    name = models.CharField(max_length=100)
    kind = models.CharField(max_length=10, choices=_choices(ORGANISATION_KINDS))
    uscc = models.CharField(max_length=18, blank=True)
    place = models.ForeignKey(Place, on_delete=models.PROTECT, null=True, related_name="organisations")
    phone = models.CharField(max_length=40, blank=True)
    hours = models.CharField(max_length=60, blank=True)
    shares = models.CharField(max_length=200, blank=True)


class PledgeKind(models.TextChoices):
    NEED = "need", "需求"
    OFFER = "offer", "资源"


class Pledge(models.Model):
    """双向认领: what a community needs or an organisation offers, and who takes it on."""

    id = models.UUIDField(primary_key=True)
    area_code = models.CharField(max_length=15, db_index=True)
    kind = models.CharField(max_length=5, choices=PledgeKind)
    text = models.CharField(max_length=200)
    by = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, null=True, related_name="offers"
    )  # none: the community
    taken_by = models.ForeignKey(Organisation, on_delete=models.PROTECT, null=True, related_name="taken")
    taken_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)
    version = models.IntegerField(default=1)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.text


class ProposalState(models.TextChoices):
    OPEN = "open", "待处理"
    ACCEPTED = "accepted", "已采纳"
    REFUSED = "refused", "未采纳"


class Proposal(models.Model):
    """A correction proposed by somebody who may not edit."""

    id = models.UUIDField(primary_key=True)
    kind = models.CharField(max_length=12)
    record = models.UUIDField()
    area_code = models.CharField(max_length=15)
    values = models.JSONField()
    state = models.CharField(max_length=8, choices=ProposalState, default=ProposalState.OPEN)
    proposed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    reason = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    decided_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(name="proposal_open", fields=["area_code"], condition=Q(state="open")),
            models.Index(name="proposal_record", fields=["record"]),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.record}"
