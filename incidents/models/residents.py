"""What residents hold, were asked and said: receipts, questions, ratings; and how often something was done from somewhere."""

from typing import ClassVar

from django.contrib.gis.db import models
from django.db.models import Q

from incidents.models.cases import Deadline, Incident


class Receipt(models.Model):
    """What a resident holds of her report: a number, and a password of which only the hash is kept. It names nobody.

    Its cases are the one she reported and those that were opened because it was not solved; the last one counts.
    """

    id = models.UUIDField(primary_key=True)  # that of the first case
    number = models.CharField(max_length=13, unique=True)
    password = models.CharField(max_length=128)
    digest = models.CharField(max_length=64)  # of what was sent, so that a repeat is known as one
    created_at = models.DateTimeField()


class Question(models.Model):
    """What the resident was asked about her report, and her answer. A clock that the case waits by stands still meanwhile."""

    id = models.UUIDField(primary_key=True)
    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="questions")
    text = models.TextField()
    state = models.CharField(max_length=10)  # of the case when it was asked
    asked_at = models.DateTimeField()
    until = models.DateTimeField()
    deadline = models.ForeignKey(  # the clock that stands still until it is answered; None: none ran
        Deadline, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    answer_id = models.UUIDField(null=True, unique=True)
    answer = models.TextField(blank=True)
    ended_at = models.DateTimeField(null=True)  # answered, or its time ran out

    class Meta:
        ordering: ClassVar = ["asked_at"]
        constraints: ClassVar = [
            models.UniqueConstraint(name="one_open_question", fields=["incident"], condition=Q(ended_at__isnull=True)),
        ]
        indexes: ClassVar = [models.Index(name="question_until", fields=["until"], condition=Q(ended_at__isnull=True))]


class Solved(models.TextChoices):
    """What the resident says of a closed case."""

    YES = "solved", "已解决"
    PARTLY = "partly", "部分解决"
    NO = "not_solved", "没有解决"


class Wish(models.TextChoices):
    """What became of her wish to have it opened again."""

    NONE = "", "—"
    OPEN = "open", "待答复"
    GRANTED = "granted", "已重新受理"
    REFUSED = "refused", "未重新受理"


class Rating(models.Model):
    """What the resident said when her case was closed; "not solved" asks to open it again, which is answered."""

    incident = models.OneToOneField(Incident, on_delete=models.CASCADE, primary_key=True, related_name="rating")
    id = models.UUIDField(unique=True)
    outcome = models.CharField(max_length=10, choices=Solved)
    text = models.TextField(blank=True)
    rated_at = models.DateTimeField()
    wish = models.CharField(max_length=7, choices=Wish, default=Wish.NONE, blank=True)
    reply = models.TextField(blank=True)  # why it was not opened again; the resident reads it
    follow_up = models.OneToOneField(Incident, on_delete=models.PROTECT, null=True, related_name="follows")


class Salt(models.Model):
    """The random key of one day, with which addresses are made unreadable. It is deleted with the day's last count."""

    day = models.DateField(primary_key=True)
    salt = models.BinaryField()


class Count(models.Model):
    """How often something was done from somewhere in one stretch of time; the name is a digest that nobody can read back."""

    bucket = models.CharField(max_length=64, primary_key=True)
    times = models.IntegerField()
    ends_at = models.DateTimeField(db_index=True)
