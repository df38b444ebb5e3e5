"""What is served besides the API: the built frontend for every page of it, and the health of the server."""

import logging
from functools import lru_cache

from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import ensure_csrf_cookie

log = logging.getLogger(__name__)


@lru_cache(maxsize=1)
def _index(built: int) -> str:
    """The page of the build of this moment; a rebuild under a running server names other files."""
    page = (settings.FRONTEND_DIST / "index.html").read_text()
    return page.replace("<head>", f'<head><meta name="gridmap-env" content="{settings.ENVIRONMENT}">', 1)


@ensure_csrf_cookie
def app(request: HttpRequest) -> HttpResponse:
    """The single page of the frontend; it reads the address itself."""
    return _page()


def _page() -> HttpResponse:
    try:
        response = HttpResponse(_index((settings.FRONTEND_DIST / "index.html").stat().st_mtime_ns))
    except FileNotFoundError:
        return HttpResponse("The frontend is not built yet: run scripts/setup.", status=503, content_type="text/plain")
    response["Cache-Control"] = "no-cache"
    return response


def residents(request: HttpRequest) -> HttpResponse:
    """The same page for residents: no cookie is set, for nobody signs in there."""
    response = _page()
    response["Referrer-Policy"] = "no-referrer"
    return response


def healthz(request: HttpRequest) -> JsonResponse:
    """Green when the database answers and knows its tables."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("select count(*) from gridmap_streamhead")
            cursor.fetchone()
    except DatabaseError as error:
        log.warning("no database: %s", str(error).strip())  # where it lies is nobody's business
        return JsonResponse({"status": "no database"}, status=503)
    return JsonResponse({"status": "ok"})
