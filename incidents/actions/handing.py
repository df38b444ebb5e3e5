"""Handing an applicant a receipt: number and password, of which only the hash is kept."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import IntegrityError, transaction
from django.utils import timezone

from gridmap.errors import ProblemError
from incidents import receipts
from incidents.models import Receipt

TRIES = 5  # a number that exists already is drawn again


def hand_out(identity: UUID, key: UUID, at: datetime, digest: str = "") -> Receipt:
    """Store a receipt under this identity; IntegrityError if it has one. Its password follows from `key`, which is not kept."""
    hashed = make_password(receipts.password_of(settings.SECRET_KEY, identity, key))
    for _ in range(TRIES):
        number = receipts.new_number(timezone.localdate())
        try:
            with transaction.atomic():
                return Receipt.objects.create(id=identity, number=number, password=hashed, digest=digest, created_at=at)
        except IntegrityError:
            if Receipt.objects.filter(pk=identity).exists():
                raise
    raise ProblemError("unavailable")


def shown(receipt: Receipt, key: UUID) -> dict[str, Any]:
    """Number, password and QR code as they are printed; the same again for the same key."""
    password = receipts.password_of(settings.SECRET_KEY, receipt.pk, key)
    return {"number": receipt.number, "password": password, "qr": _qr(receipt)}


def booked(receipt: Receipt) -> dict[str, Any]:
    """A receipt whose password its holder has already: from the booking that the matter comes from."""
    return {"number": receipt.number, "password": "", "qr": _qr(receipt)}


def _qr(receipt: Receipt) -> str:
    return receipts.qr_data(f"{settings.PUBLIC_URL}/q#{receipt.number}")
