"""HTTP of residents: open to everyone, by the address of a cell, a kind of matter, or number and password of a receipt.

No session is read and none is begun, so there is nothing that a page from elsewhere could do in somebody's name. What is
open without signing in stands in `gridmap.urls.PUBLIC`, and the start fails when it does not.
"""

from ninja import Router

from incidents.public import bookings, guides, matters, receipts

router = Router(tags=["residents"])
for part in (receipts, guides, bookings, matters):
    router.add_router("", part.router)
