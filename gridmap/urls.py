"""The composition root of HTTP: the API of every app, the admin, the pages."""

from django.contrib import admin
from django.core.exceptions import ImproperlyConfigured
from django.urls import path, re_path

import gridmap.api
import gridmap.api.forms
import gridmap.api.hooks
import gridmap.api.imports
import gridmap.api.looks
import gridmap.api.persons
import gridmap.api.plans
import gridmap.api.pledges
import gridmap.api.register
import gridmap.api.resizing
import incidents.api
import incidents.api.open311
import incidents.public
import layers.api
import patrols.api
from gridmap import pages
from gridmap.http import new_api, new_open311, open_endpoints

api = new_api(version="1")
for router in (
    gridmap.api.router,
    gridmap.api.events_router(),
    gridmap.api.forms.router,
    gridmap.api.hooks.router,
    gridmap.api.imports.router,
    gridmap.api.persons.router,
    gridmap.api.looks.router,
    gridmap.api.pledges.router,
    gridmap.api.plans.router,
    gridmap.api.register.router,
    gridmap.api.resizing.router,
    layers.api.router,
    incidents.api.router,
    incidents.public.router,
    patrols.api.router,
):
    api.add_router("", router)

open311 = new_open311(incidents.api.open311.reply)
open311.add_router("", incidents.api.open311.router)

# All that answers without signing in. An endpoint that forgets to ask who it is does not start.
PUBLIC = {
    "POST /api/login",
    "GET /api/public/bookings/places",
    "GET /api/public/bookings/slots",
    "POST /api/public/bookings",
    "POST /api/public/matters",
    "POST /api/public/receipts/cancel",
    "GET /api/public/guides",
    "GET /api/public/guides/{kind}",
    "GET /api/public/cells/{code}",
    "GET /api/public/cells/{code}/map",
    "POST /api/public/cells/{code}/reports",
    "POST /api/public/receipts",
    "POST /api/public/receipts/photos",
    "POST /api/public/receipts/answer",
    "POST /api/public/receipts/rating",
    "POST /api/archives/check",
    "GET /open311/v2/discovery.{form}",
    "GET /open311/v2/services.{form}",
    "GET /open311/v2/services/{service_code}.{form}",
}
if unnamed := (open_endpoints(api) | open_endpoints(open311, "/open311/v2/")) ^ PUBLIC:
    raise ImproperlyConfigured(f"open without signing in, or named so by mistake: {', '.join(sorted(unnamed))}")

urlpatterns = [
    path("healthz", pages.healthz),
    path("api/", api.urls),
    path("open311/v2/", open311.urls),
    path("admin/", admin.site.urls),
    re_path(
        r"^(?:|login|worker|street|handle|counter|sheet|admin-(?:departments|hooks|procedures|routing)|statistics|brief|gate|forms|register|cell|people|plan|looks|import)"
        r"(?:/.*)?$",
        pages.app,
    ),
    re_path(r"^(?:r|q|guide|check)(?:/.*)?$", pages.residents),
]
