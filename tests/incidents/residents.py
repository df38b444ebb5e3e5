"""A resident as her phone speaks: no account, no cookie, an address."""

import json
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from django.test import Client

from tests.factories import CELL, LITTER, MATTER, Caller, Town, photo


@dataclass
class Receipt:
    number: str
    password: str
    case: str

    @property
    def shown(self) -> dict[str, str]:
        return {"number": self.number, "password": self.password}


@dataclass
class Resident:
    """Somebody with a phone at one address."""

    address: str = "203.0.113.7"
    client: Client = field(default_factory=lambda: Client(headers={"host": "localhost"}))

    def get(self, path: str) -> Any:
        return self.client.get(f"/api/public{path}", REMOTE_ADDR=self.address)

    def post(self, path: str, body: Any, **headers: str) -> Any:
        return self.client.post(
            f"/api/public{path}", json.dumps(body), content_type="application/json", REMOTE_ADDR=self.address,
            headers=headers,
        )  # fmt: skip

    def send(self, *, cell: str = CELL, expect: int = 201, **changes: Any) -> Receipt:
        """Report litter; the receipt."""
        body = report(**changes)
        answer = self.post(f"/cells/{cell}/reports", body)
        assert answer.status_code == expect, answer.content.decode()
        found = answer.json()
        return Receipt(found.get("number", ""), found.get("password", ""), body["id"])

    def look(self, receipt: Receipt, *, expect: int = 200) -> dict[str, Any]:
        answer = self.post("/receipts", receipt.shown)
        assert answer.status_code == expect, answer.content.decode()
        found: dict[str, Any] = answer.json()
        return found

    def say(self, receipt: Receipt, what: str, *, expect: int = 201, **body: Any) -> dict[str, Any]:
        """Answer (`what` "answer") or rate ("rating")."""
        answer = self.post(f"/receipts/{what}", {"id": str(uuid4()), **receipt.shown, **body})
        assert answer.status_code == expect, answer.content.decode()
        found: dict[str, Any] = answer.json()
        return found

    def upload(self, receipt: Receipt, file: Any = None, **form: Any) -> Any:
        fields = {"id": str(uuid4()), **receipt.shown, "file": file or photo(), **form}
        return self.client.post("/api/public/receipts/photos", fields, REMOTE_ADDR=self.address)


def report(**changes: Any) -> dict[str, Any]:
    return {"id": str(uuid4()), "key": str(uuid4()), "class_key": LITTER, "text": "路口有垃圾", **changes}


def card(caller: Caller, receipt: Receipt) -> dict[str, Any]:
    found: dict[str, Any] = caller.get(f"/incidents/{receipt.case}").json()
    return found


def verified(town: Town, receipt: Receipt) -> dict[str, Any]:
    """Have somebody look, so that it can be filed."""
    asked = town.acceptor.act(card(town.acceptor, receipt), "request_verification", person=town.worker.user.pk)
    return town.worker.act(asked, "verify_report", outcome="pass")


def closed(town: Town, receipt: Receipt) -> dict[str, Any]:
    """The whole way to the end."""
    case = town.acceptor.act(verified(town, receipt), "file")
    case = town.dispatcher.act(case, "assign", department=town.sanitation.pk)
    case = town.handler.act(case, "handle", text="内部说明:已清运")
    case = town.acceptor.act(case, "verify_repair", outcome="pass")
    return town.acceptor.act(case, "close")


# --- what a request is filled with that tries whether an endpoint opens ---

RULES = {
    "GET /api/public/bookings/places": ("", "PUBLIC"),
    "GET /api/public/bookings/slots": ("", "PUBLIC"),
    "POST /api/public/bookings": ("", "PUBLIC"),
    "POST /api/public/matters": ("", "PUBLIC"),
    "POST /api/public/receipts/cancel": ("", "PUBLIC"),
    "GET /api/public/guides": ("", "PUBLIC"),
    "GET /api/public/guides/{kind}": ("", "PUBLIC"),
    "GET /api/public/cells/{code}": ("", "PUBLIC"),
    "GET /api/public/cells/{code}/map": ("", "PUBLIC"),
    "POST /api/public/cells/{code}/reports": ("", "PUBLIC"),
    "POST /api/public/receipts": ("", "PUBLIC"),
    "POST /api/public/receipts/photos": ("", "PUBLIC"),
    "POST /api/public/receipts/answer": ("", "PUBLIC"),
    "POST /api/public/receipts/rating": ("", "PUBLIC"),
}
NO_RECEIPT = {"number": "260101-000000", "password": "AAAA-AAAA"}


def residents_bodies() -> dict[str, Any]:
    return {
        "POST /api/public/cells/{code}/reports": {"id": str(uuid4()), "key": str(uuid4()), "class_key": LITTER},
        "POST /api/public/receipts": NO_RECEIPT,
        "POST /api/public/receipts/cancel": NO_RECEIPT,
        "POST /api/public/bookings": {
            "id": str(uuid4()),
            "key": str(uuid4()),
            "kind": MATTER[-3:],
            "mode": "counter",
            "area": CELL,
            "starts_at": "2026-01-05T01:00:00Z",
        },
        "POST /api/public/matters": {
            "id": str(uuid4()), "key": str(uuid4()), "kind": MATTER[-3:], "area": CELL, "text": "情况说明",
        },
        "POST /api/public/receipts/answer": NO_RECEIPT | {"id": str(uuid4()), "text": "说明"},
        "POST /api/public/receipts/rating": NO_RECEIPT | {"id": str(uuid4()), "outcome": "solved"},
    }  # fmt: skip


def nothing_there(endpoint: str) -> bool:
    """Of what is open to everyone: by nobody's receipt nothing opens, and here no community gives out times."""
    return "receipts" in endpoint or "slots" in endpoint or endpoint == "POST /api/public/bookings"
