"""The composition root of HTTP: the API of every app, the admin, the pages."""

from django.contrib import admin
from django.urls import path, re_path

import gridmap.api
import incidents.api
import layers.api
import patrols.api
from gridmap import pages
from gridmap.http import new_api

api = new_api(version="1")
for router in (
    gridmap.api.router,
    gridmap.api.events_router(),
    layers.api.router,
    incidents.api.router,
    patrols.api.router,
):
    api.add_router("", router)

urlpatterns = [
    path("healthz", pages.healthz),
    path("api/", api.urls),
    path("admin/", admin.site.urls),
    re_path(r"^(?:|login|worker|street|handle|counter|check|admin-procedures|admin-routing)(?:/.*)?$", pages.app),
]
