"""What a resident holds and reads: number and password of a receipt, her QR codes, and the life of a case in her words.

Pure: no Django, no database. Letters and digits that look alike are not used, and what is typed back is forgiving.
"""

import hashlib
import hmac
import re
import secrets
from datetime import date
from io import BytesIO
from uuid import UUID

import segno

from incidents.workflow import State

ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"  # no 0 O, 1 I L, U V
LENGTH = 8  # 30 ** 8: with limited attempts nobody guesses it
NUMBER = re.compile(r"([0-9]{6})([0-9]{6})")

# What the resident reads of the log. What is not named here (notes, photos, returns, departments) is not hers to read.
STEPS = {
    "incident.reported": "reported", "incident.verification_requested": "verifying", "incident.report_verified": "verified",
    "incident.filed": "filed", "incident.declined": "declined", "incident.assigned": "assigned", "incident.taken": "in_work",
    "incident.handled": "handled", "incident.repair_refused": "again", "incident.repair_verified": "checked",
    "incident.closed": "closed", "incident.asked": "asked", "incident.answered": "answered",
    "incident.question_expired": "expired", "incident.rated": "rated", "incident.reopened": "reopened",
    "incident.reopening_refused": "not_reopened", "incident.registered": "registered", "incident.approved": "approved",
    "incident.proceeded": "forwarded",
    "incident.forwarded": "forwarded", "incident.supplement_asked": "papers_wanted", "incident.resubmitted": "papers_in",
    "incident.extension_granted": "extended", "incident.refused": "refused", "incident.finished": "closed",
    "incident.expedited": "expedited", "incident.merged": "merged", "incident.split": "split",
    "incident.suspended": "suspended", "incident.resumed": "resumed", "incident.suspension_ended": "resumed",
    "incident.whistled": "together",
    "booking.made": "booked", "booking.cancelled": "cancelled",
}  # fmt: skip
NEXT = {
    State.REPORTED: "verify", State.VERIFYING: "verify", State.DECLINED: "nothing", State.FILED: "assign",
    State.ASSIGNED: "handle", State.IN_WORK: "handle", State.SUSPENDED: "wait", State.TO_VERIFY: "check", State.VERIFIED: "close",
    State.PROCESSING: "decide_matter", State.WAITING: "bring", State.CLOSED: "rate", State.REFUSED: "nothing",
    State.MERGED: "nothing", State.RETRACTED: "nothing",
}  # fmt: skip


def next_step(state: State, *, verified: bool, asked: bool, rated: bool, wished: bool) -> str:
    """What happens next, as one word that the page puts into a sentence."""
    if asked:
        return "answer"
    if state is State.REPORTED and verified:
        return "decide"
    if state is State.CLOSED and rated:
        return "reply" if wished else "nothing"
    return NEXT[state]


def new_number(day: date) -> str:
    """A number for a receipt of this day: it tells nothing of how many there are. Whoever stores it sees that it is new."""
    return f"{day:%y%m%d}-{secrets.randbelow(1_000_000):06}"


def number_as_written(text: str) -> str:
    """The number that somebody typed, with or without hyphen and spaces; "" if it is none."""
    found = NUMBER.fullmatch(re.sub(r"[\s\-–—]", "", text))
    return f"{found[1]}-{found[2]}" if found else ""


def password_of(secret: str, receipt: UUID, key: UUID) -> str:
    """The password of a receipt, made from the server's secret and a key that only the client has.

    So a repeat of a report gets the same password, though nothing it could be read from is stored.
    """
    digest = hmac.new(secret.encode(), b"receipt" + receipt.bytes + key.bytes, hashlib.sha256).digest()
    rest, letters = int.from_bytes(digest, "big"), []
    for _ in range(LENGTH):
        rest, letter = divmod(rest, len(ALPHABET))
        letters.append(ALPHABET[letter])
    return "".join(letters)


def password_as_written(text: str) -> str:
    """What somebody typed as a password, without hyphens and spaces, in capitals."""
    return re.sub(r"[\s\-–—]", "", text).upper()[:40]


def qr_svg(text: str) -> bytes:
    """A QR code as an SVG document of 1 unit a module, with its quiet zone; black on white, so that every camera reads it."""
    out = BytesIO()
    segno.make(text, error="m", micro=False).save(
        out,
        kind="svg",
        border=4,
        dark="#000",
        light="#fff",
        omitsize=True,
        xmldecl=False,
        svgclass=None,
        lineclass=None,
    )
    return out.getvalue()


def qr_data(text: str) -> str:
    """The same as an address that an image takes."""
    return segno.make(text, error="m", micro=False).svg_data_uri(border=4, dark="#000", light="#fff", omitsize=True)
