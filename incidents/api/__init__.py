"""HTTP of incidents. The addresses of cases come last: there any word may be a step."""

from ninja import Router

from incidents.api import bookings, cases, departments, desk, figures, gate, matters, routing

router = Router(tags=["incidents"])

for part in (bookings, departments, desk, figures, gate, matters, routing, cases):
    router.add_router("", part.router)
