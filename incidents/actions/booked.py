"""What becomes of a booking at the counter: its matter is registered with the same receipt, and nothing is typed again."""

from uuid import UUID

from gridmap import access, events
from gridmap.errors import ProblemError
from gridmap.models import User
from incidents.events import Booked
from incidents.models import Booking, BookingState, Incident


def taken_up(actor: User, incident: Incident, booking_id: UUID) -> None:
    """Let the matter that is about to be stored be that of a booking: its receipt, its address, and nothing typed again.

    Raises not_found for a booking out of the actor's reach, booking_over for one that was cancelled or taken up.
    """
    scope = access.scope_of(actor, "booking.view")
    booking = Booking.objects.select_for_update().filter(scope.q(), pk=booking_id).first()
    if booking is None:
        raise ProblemError("not_found")
    if booking.state != BookingState.BOOKED:
        raise ProblemError("booking_over")
    incident.receipt_id = booking.receipt_id
    incident.address = incident.address or booking.address
    booking.state, booking.incident_id, booking.address = BookingState.OPENED, incident.pk, ""
    booking.save(update_fields=["state", "incident", "address"])
    events.record(told(booking, "booking.opened"), actor)


def told(booking: Booking, kind: str) -> events.Draft:
    """What the log says of a booking: when and for what, nothing of anybody."""
    slot = booking.slot
    said = {"kind": booking.klass.code, "mode": slot.hours.mode, "starts_at": slot.starts_at, "state": booking.state}
    payload = Booked.model_validate(said)
    return events.Draft(kind=kind, area_code=booking.area_code, object_id=str(booking.pk), payload=payload)
