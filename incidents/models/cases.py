"""A case with all that happens to it: whose turn it was, its clocks, what was said, signed and photographed."""

from typing import ClassVar

from django.contrib.gis.db import models
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, GistIndex
from django.contrib.postgres.search import SearchVectorField
from django.db.models import F, Q
from django.utils import timezone

from gridmap.models import Department, Transform, User
from incidents.labels import LEVEL_LABELS, STATE_LABELS
from incidents.models.catalogue import ClassCondition, IncidentClass, Origin, ProcedureVersion, RoutingRule, RuleSet
from incidents.workflow import TERMINAL, Level, State


class IncidentManager(models.Manager["Incident"]):
    """Rows without what they are searched by, which only the database reads."""

    def get_queryset(self) -> models.QuerySet["Incident"]:
        return super().get_queryset().defer("search")


class Incident(models.Model):
    """A case from report to close. Every change raises `version` and writes one event."""

    id = models.UUIDField(primary_key=True)
    street = models.CharField(max_length=9)
    number = models.BigIntegerField()
    area_code = models.CharField(max_length=15, db_index=True)
    point = models.PointField(srid=4326, null=True, spatial_index=False)
    point_3857 = models.GeneratedField(
        expression=Transform(F("point"), 3857),
        output_field=models.PointField(srid=3857, null=True, spatial_index=False),
        db_persist=True,
    )
    address = models.CharField(max_length=200, blank=True)
    klass = models.ForeignKey(IncidentClass, on_delete=models.PROTECT)
    condition = models.ForeignKey(ClassCondition, on_delete=models.PROTECT, null=True)
    description = models.TextField(blank=True)
    source = models.CharField(max_length=12, choices=Origin)
    state = models.CharField(max_length=10, choices=[(s, STATE_LABELS[s]["zh"]) for s in State])
    level = models.CharField(max_length=9, choices=[(v, LEVEL_LABELS[v]["zh"]) for v in Level], default=Level.STREET)
    urgent = models.BooleanField(default=False)
    reporter = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    department = models.ForeignKey(Department, on_delete=models.PROTECT, null=True, related_name="+")
    departments = ArrayField(models.BigIntegerField(), default=list)  # it is or was assigned to these
    verified_report = models.BooleanField(default=False)
    handled_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    verifier = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    cover = models.UUIDField(null=True)  # the first photo
    reports = models.IntegerField(default=1)  # how often it was reported, with those that joined or were merged
    joined_by = ArrayField(models.BigIntegerField(), default=list)  # whose report it is besides the reporter
    merged_into = models.ForeignKey("self", on_delete=models.PROTECT, null=True, db_index=False, related_name="merged")
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, db_index=False, related_name="children")
    answers = models.JSONField(null=True)  # to the questions of its class, with the words as they were asked
    recurrence_of = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, db_index=False, related_name="recurrences"
    )
    occurred_at = models.DateTimeField()
    reported_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True)  # when the one who must act now has to be done
    soon_at = models.DateTimeField(null=True)  # when to warn of it; None: nothing to warn of, or it was said
    due_soon = models.BooleanField(default=False, db_default=False)
    overdue = models.BooleanField(default=False)
    overdue_by = models.SmallIntegerField(default=0, db_default=0)  # how many further full limits have passed since
    again_at = models.DateTimeField(null=True)  # when the next of them is full
    closed_at = models.DateTimeField(null=True)
    version = models.IntegerField(default=1)
    step_version = models.IntegerField(
        default=1
    )  # the version that the last step made; notes, photos and marks raise only `version`
    procedure = models.ForeignKey(ProcedureVersion, on_delete=models.PROTECT, null=True, related_name="+")
    stage = models.CharField(max_length=40, blank=True, default="", db_default="")
    stage_name = models.CharField(max_length=60, blank=True, default="", db_default="")
    stage_name_en = models.CharField(max_length=60, blank=True, default="", db_default="")
    stage_role = models.CharField(max_length=14, blank=True, default="", db_default="")  # whose turn it is
    path = ArrayField(
        models.CharField(max_length=40), default=list, db_default=[]
    )  # the stages it came through, to go back
    # The matter of the same applicant before this one, by the number on the receipt that was shown. No person is stored.
    earlier = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="later")
    imported = models.JSONField(null=True)  # what an import said that has no field here, as it said it
    receipt = models.ForeignKey(  # of the resident who reported it, if one did
        "incidents.Receipt", on_delete=models.PROTECT, null=True, related_name="incidents", db_index=False
    )
    search = SearchVectorField(null=True, editable=False)  # kept by triggers, of all that was said: gridmap/grams.py

    objects: ClassVar[IncidentManager] = IncidentManager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(name="incident_number", fields=["street", "number"]),
            models.CheckConstraint(name="incident_state_known", condition=Q(state__in=list(State))),
            models.CheckConstraint(name="incident_in_street", condition=Q(area_code__startswith=F("street"))),
            models.CheckConstraint(
                name="incident_merged_somewhere",
                condition=Q(state=State.MERGED, merged_into__isnull=False)
                | (~Q(state=State.MERGED) & Q(merged_into__isnull=True)),
            ),
        ]
        indexes: ClassVar = [
            GistIndex(name="incident_point_3857", fields=["point_3857"]),
            GistIndex(name="incident_open_point", fields=["point_3857"], condition=~Q(state__in=sorted(TERMINAL))),
            GinIndex(name="incident_departments", fields=["departments"]),
            GinIndex(name="incident_joined_by", fields=["joined_by"]),
            models.Index(
                name="incident_due",
                fields=["due_at"],
                condition=~Q(state__in=sorted(TERMINAL)) & Q(due_at__isnull=False, overdue=False),
            ),
            models.Index(name="incident_soon", fields=["soon_at"], condition=Q(soon_at__isnull=False)),
            models.Index(name="incident_again", fields=["again_at"], condition=Q(again_at__isnull=False)),
            models.Index(
                name="incident_open", fields=["street", "-reported_at"], condition=~Q(state__in=sorted(TERMINAL))
            ),
            models.Index(name="incident_new", fields=["street", "-reported_at"]),
            models.Index(name="incident_next_due", fields=["due_at", "id"], condition=~Q(state__in=sorted(TERMINAL))),
            models.Index(name="incident_reporter", fields=["reporter", "-reported_at"]),
            *(
                models.Index(name=f"incident_{name}", fields=[name], condition=Q(**{f"{name}__isnull": False}))
                for name in ("merged_into", "parent", "recurrence_of")
            ),
            GinIndex(name="incident_search", fields=["search"]),
            # A search for a word that is everywhere walks these and stops at a page; so does a list of a whole district.
            models.Index(name="incident_latest", fields=["-reported_at", "id"]),
            models.Index(name="incident_by_due", fields=["due_at", "id"]),
            models.Index(name="incident_verifier", fields=["verifier"], condition=Q(verifier__isnull=False)),
            models.Index(name="incident_receipt", fields=["receipt"], condition=Q(receipt__isnull=False)),
        ]

    @property
    def label(self) -> str:
        """The number people read: day of the report and running number of the street."""
        return f"{self.day}-{self.number}"

    @property
    def day(self) -> str:
        """The day of the report in local time, as yymmdd."""
        return f"{timezone.localtime(self.reported_at):%y%m%d}"


class Stage(models.TextChoices):
    """Whose time a deadline measures: a department's, that of a step with a limit of its own, or a stage of a procedure."""

    HANDLING = "handling", "处置"
    VERIFYING = "verifying", STATE_LABELS[State.VERIFYING]["zh"]
    FILED = "filed", STATE_LABELS[State.FILED]["zh"]
    TO_VERIFY = "to_verify", STATE_LABELS[State.TO_VERIFY]["zh"]
    PROCESSING = "processing", STATE_LABELS[State.PROCESSING]["zh"]
    JOINED = "joined", "配合"  # a part of a case: its clock runs beside that of the lead


class Deadline(models.Model):
    """A limit on its clock for somebody of a case. A department that gets the case again goes on with the same one;
    a stage of a procedure that is entered again begins with a new one.

    Its runs say when the clock ran; all its due times follow from them (`incidents/deadline.py`). What was told stays
    told: neither a pause nor a second tick says it again.
    """

    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="deadlines")
    stage = models.CharField(max_length=10, choices=Stage)
    stage_key = models.CharField(max_length=40, blank=True, default="", db_default="")  # which one of a procedure's
    department = models.ForeignKey(Department, on_delete=models.PROTECT, null=True, related_name="+")
    limit = models.CharField(max_length=8)
    warned_at = models.DateTimeField(null=True)
    extensions = models.SmallIntegerField(default=0, db_default=0)  # each one more original limit: its granted requests
    told = models.SmallIntegerField(default=0)  # how many full limits beyond were told

    class Meta:
        ordering: ClassVar = ["pk"]


class Run(models.Model):
    """A time during which the clock of a deadline ran, with the actions that started and stopped it.

    The versions are those of the incident that the actions made: the log and the remarks say who and why.
    """

    deadline = models.ForeignKey(Deadline, on_delete=models.CASCADE, related_name="runs")
    started_at = models.DateTimeField()
    started_by = models.CharField(max_length=30)
    started_version = models.IntegerField()
    stopped_at = models.DateTimeField(null=True)
    stopped_by = models.CharField(max_length=30, blank=True)
    stopped_version = models.IntegerField(null=True)

    class Meta:
        ordering: ClassVar = ["started_at", "pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(name="one_open_run", fields=["deadline"], condition=Q(stopped_at__isnull=True)),
            models.CheckConstraint(
                name="run_forwards", condition=Q(stopped_at__isnull=True) | Q(stopped_at__gte=F("started_at"))
            ),
        ]


class Assignment(models.Model):
    """A department's turn with an incident. Its clock is `deadline`, running (`due_at`) or paused (without)."""

    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="assignments")
    department = models.ForeignKey(Department, on_delete=models.PROTECT)
    limit = models.CharField(max_length=8)
    deadline = models.ForeignKey(Deadline, on_delete=models.PROTECT, null=True, related_name="turns")
    due_at = models.DateTimeField(null=True)
    assigned_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    rule_set = models.ForeignKey(RuleSet, on_delete=models.PROTECT, null=True, related_name="+")  # in force then
    rule = models.ForeignKey(RoutingRule, on_delete=models.PROTECT, null=True, related_name="+")  # that decided
    suggested = models.ForeignKey(Department, on_delete=models.PROTECT, null=True, related_name="+")
    suggested_by = models.CharField(
        max_length=10, blank=True
    )  # rule, territory, maintainer, nobody; empty: no rules then

    class Meta:
        ordering: ClassVar = ["assigned_at"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                name="one_open_assignment", fields=["incident"], condition=Q(ended_at__isnull=True)
            ),
        ]


class Remark(models.Model):
    """What was said with an action: a reason, a note, how it was handled. Kept apart from the log, never edited."""

    id = models.UUIDField(primary_key=True)
    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="remarks")
    version = models.IntegerField()  # the version of the incident that the action made
    text = models.TextField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(name="remark_per_action", fields=["incident", "version"])]


class Signature(models.Model):
    """Who signed which step of a case, and in what role: what the archive's approvals are made from."""

    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="signatures")
    version = models.IntegerField()
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    role = models.CharField(max_length=14)
    stage_name = models.CharField(max_length=60)
    at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["version"]
        constraints: ClassVar = [models.UniqueConstraint(name="signature_once", fields=["incident", "version"])]


class Archive(models.Model):
    """The signed PDF of a finished matter. The file lies under MEDIA_ROOT by the id of the case."""

    incident = models.OneToOneField(Incident, on_delete=models.CASCADE, primary_key=True, related_name="archive")
    sha256 = models.CharField(max_length=64)
    size = models.IntegerField()
    made_at = models.DateTimeField(auto_now_add=True)


class JoinedReport(models.Model):
    """The same thing reported once more: no case of its own. What was said is the remark of `version`."""

    id = models.UUIDField(primary_key=True)  # made by the client
    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="joined")
    version = models.IntegerField()
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    source = models.CharField(max_length=12, choices=Origin)
    point = models.PointField(srid=4326, spatial_index=False)
    occurred_at = models.DateTimeField()
    joined_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["joined_at"]


class CaseLink(models.Model):
    """The other case that an entry of a timeline speaks of. Not in the log: who hears one may not see the other."""

    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="links")
    version = models.IntegerField()
    other = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(name="link_per_action", fields=["incident", "version"])]


class Attachment(models.Model):
    """A photo: re-encoded, without metadata. The file lies under MEDIA_ROOT by its digest."""

    id = models.UUIDField(primary_key=True)
    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="attachments")
    joined = models.ForeignKey(JoinedReport, on_delete=models.PROTECT, null=True, related_name="photos")
    kind = models.CharField(max_length=8, choices=[("before", "处置前"), ("after", "处置后"), ("document", "材料")])
    sha256 = models.CharField(max_length=64)
    width = models.IntegerField()
    height = models.IntegerField()
    size = models.IntegerField()
    uploaded_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")  # None: a resident
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar = ["created_at"]
