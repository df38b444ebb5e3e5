"""What is served besides the API: the built frontend for every page of it, and the health of the server."""

from functools import cache

from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import ensure_csrf_cookie


@cache
def _index() -> str:
    page = (settings.FRONTEND_DIST / "index.html").read_text()
    return page.replace("<head>", f'<head><meta name="gridmap-env" content="{settings.ENVIRONMENT}">', 1)


@ensure_csrf_cookie
def app(request: HttpRequest) -> HttpResponse:
    """The single page of the frontend; it reads the address itself."""
    if not (settings.FRONTEND_DIST / "index.html").exists():
        return HttpResponse("The frontend is not built yet: run scripts/setup.", status=503, content_type="text/plain")
    response = HttpResponse(_index())
    response["Cache-Control"] = "no-cache"
    return response


def healthz(request: HttpRequest) -> JsonResponse:
    """Green when the database answers and knows its tables."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("select count(*) from gridmap_streamhead")
            cursor.fetchone()
    except DatabaseError as error:
        return JsonResponse({"status": "no database", "detail": str(error).strip()}, status=503)
    return JsonResponse({"status": "ok"})
