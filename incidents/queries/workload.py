"""How much happened where, for those who cut cells: places alone, of every kind of case."""

from datetime import datetime

from incidents.models import Incident


def places_since(area_code: str, since: datetime) -> list[tuple[float, float]]:
    """Longitude and latitude of each case that was reported in an area since a moment."""
    found = Incident.objects.filter(area_code__startswith=area_code, reported_at__gte=since, point__isnull=False)
    places = found.order_by("pk").values_list("point", flat=True)
    return [(point.x, point.y) for point in places if point is not None]
