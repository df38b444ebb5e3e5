"""Imports into the register: a file, how it is read, how far it came, what was refused."""

from typing import ClassVar

from django.db import models

from gridmap.models.staff import User


class ImportState(models.TextChoices):
    UPLOADED = "uploaded", "已上传"  # a worker looks at it
    READY = "ready", "待对应"  # its columns are known
    CHECKING = "checking", "预检中"
    CHECKED = "checked", "已预检"
    RUNNING = "running", "导入中"
    STOPPED = "stopped", "已停止"
    DONE = "done", "已完成"
    UNDOING = "undoing", "撤销中"
    UNDONE = "undone", "已撤销"
    FAILED = "failed", "失败"


class ImportRun(models.Model):
    """One file on its way into the register of an area. Columns and counts are kept; rows are only in the file, which is deleted."""

    id = models.UUIDField(primary_key=True)  # made by the client
    area_code = models.CharField(max_length=15)
    kind = models.CharField(max_length=12)  # of records
    name = models.CharField(max_length=100)  # of the file
    file = models.CharField(max_length=40)  # under MEDIA_ROOT; empty when it is deleted
    size = models.IntegerField()
    form = models.CharField(max_length=8, blank=True)
    encoding = models.CharField(max_length=12, blank=True)
    columns = models.JSONField(default=list)
    crs = models.TextField(blank=True)  # of the shapes in the file
    shapes = models.BooleanField(default=False)
    guess = models.JSONField(default=dict)
    mapping = models.JSONField(default=dict)
    state = models.CharField(max_length=8, choices=ImportState, default=ImportState.UPLOADED)
    reason = models.JSONField(default=dict)  # why it failed: a code and its words
    rows = models.IntegerField(default=0)  # of the file
    position = models.IntegerField(default=0)  # the last row that is done with
    made = models.IntegerField(default=0)
    changed = models.IntegerField(default=0)
    same = models.IntegerField(default=0)
    refused = models.IntegerField(default=0)
    places = models.IntegerField(default=0)  # made because an address named them
    undone = models.IntegerField(default=0)
    kept = models.IntegerField(default=0)  # not undone: changed by somebody since, or in use
    written = models.JSONField(default=list)  # what it wrote in the log: [stream, first, last]
    attempts = models.SmallIntegerField(default=0)  # to go on, since something came of it
    version = models.IntegerField(default=1)
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    asked_by = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="+"
    )  # for the last step: in whose name it is taken
    created_at = models.DateTimeField(auto_now_add=True)
    touched_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes: ClassVar = [models.Index(name="import_area", fields=["area_code", "created_at"])]

    def __str__(self) -> str:
        return self.name


class ImportRefusal(models.Model):
    """A row that was not taken, or not undone, and why: of which column, which value."""

    run = models.ForeignKey(ImportRun, on_delete=models.CASCADE, related_name="refusals")
    row = models.IntegerField()
    column = models.CharField(max_length=100, blank=True)
    value = models.CharField(max_length=80, blank=True)
    code = models.CharField(max_length=24)

    class Meta:
        indexes: ClassVar = [models.Index(name="import_refusal_row", fields=["run", "row"])]

    def __str__(self) -> str:
        return f"{self.row} {self.code}"
