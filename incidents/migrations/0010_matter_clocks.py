"""The clocks of matters become rows like those of every case; what the log tells of them is kept."""

from datetime import timedelta

from django.db import migrations, models

from incidents import clock, deadline

ENTERS = ("registered", "approved", "forwarded", "sent_back")
STOPS = ("supplement_asked", "refused", "finished")
ACTIONS = {
    "registered": "register", "approved": "approve", "forwarded": "forward", "sent_back": "send_back",
    "supplement_asked": "supplement", "refused": "refuse", "finished": "finish", "resubmitted": "resubmit",
}


def follow(apps, schema_editor):
    """Make the clocks of every matter from its log, and set what is still to be said of those that run."""
    Incident = apps.get_model("incidents", "Incident")
    days = _calendar(apps)
    for incident in Incident.objects.filter(procedure__isnull=False).defer("search").iterator(chunk_size=500):
        _follow(apps, incident, days)


def _calendar(apps):
    rows = list(apps.get_model("incidents", "Holiday").objects.values_list("date", "working", "name"))
    return clock.Calendar({day: working for day, working, _ in rows}, {day: name for day, _, name in rows})


def _follow(apps, incident, days):
    stages = {row["key"]: row for row in incident.procedure.stages}
    departments = dict(apps.get_model("gridmap", "Department").objects.values_list("code", "pk"))
    log = apps.get_model("gridmap", "StreamEvent").objects.filter(stream=incident.street, object_id=str(incident.pk))
    own = run = None
    for event in log.order_by("seq"):
        word = event.kind.removeprefix("incident.")
        cause = event.created_at, ACTIONS.get(word, word), event.object_version
        if run and word in (*ENTERS, *STOPS):
            run.stopped_at, run.stopped_by, run.stopped_version = cause
            run.save()
            run = None
        if word in ENTERS:
            own = _begin(apps, incident, stages.get(event.payload.get("stage")), departments)
        if own and word in (*ENTERS, "resubmitted"):
            run = _run(apps, own, cause)
        if own and word == "extended":
            _extend(apps, own, event)
    if own and run:
        _say(apps, incident, own, days)


def _begin(apps, incident, stage, departments):
    if not stage or not stage.get("limit"):
        return None
    return apps.get_model("incidents", "Deadline").objects.create(
        incident=incident, stage="processing", stage_key=stage["key"], department_id=departments.get(stage.get("department")),
        limit=str(clock.Limit.parse(stage["limit"])),
    )


def _run(apps, own, cause):
    at, action, version = cause
    return apps.get_model("incidents", "Run").objects.create(
        deadline=own, started_at=at, started_by=action, started_version=version
    )


def _extend(apps, own, event):
    """Whoever extended it asked and decided in one."""
    own.extensions += 1
    own.save()
    who, when, version = event.actor_id, event.created_at, event.object_version
    apps.get_model("incidents", "Request").objects.create(
        incident=own.incident, kind="extension", verdict="granted", deadline=own, department_id=own.department_id,
        asked_by_id=who, asked_at=when, asked_version=version, decided_by_id=who, decided_at=when, decided_version=version,
    )  # fmt: skip


def _say(apps, incident, own, days):
    """A deadline that was told stays told; what it says next follows from its clock."""
    own.told = int(incident.overdue)
    own.save()
    parts = [deadline.Stretch(run.started_at, run.stopped_at) for run in own.runs.order_by("started_at", "pk")]
    coming = deadline.alarms(
        parts, clock.Limit.parse(own.limit), days, warned=False, told=own.told, extensions=own.extensions
    )
    # Whole seconds were kept of what was left: a due time that is as good as the same stays.
    due_at = coming.due_at if abs(coming.due_at - incident.due_at) > timedelta(seconds=5) else incident.due_at
    apps.get_model("incidents", "Incident").objects.filter(pk=incident.pk).update(
        due_at=due_at, soon_at=coming.soon_at, again_at=coming.again_at
    )


class Migration(migrations.Migration):
    dependencies = [("gridmap", "0003_department_end"), ("incidents", "0009_life")]

    operations = [
        migrations.AddField(
            "deadline", "stage_key", models.CharField(blank=True, db_default="", default="", max_length=40)
        ),
        migrations.AlterField(
            "deadline", "stage",
            models.CharField(
                choices=[
                    ("handling", "处置"), ("verifying", "核实中"), ("filed", "待派遣"), ("to_verify", "待核查"),
                    ("processing", "办理中"),
                ],
                max_length=10,
            ),
        ),
        migrations.RunPython(follow, migrations.RunPython.noop),
        migrations.RunSQL("set constraints all immediate", migrations.RunSQL.noop),  # or the table cannot be altered
        migrations.RemoveField("incident", "extensions"),
        migrations.RemoveField("incident", "left_s"),
    ]
