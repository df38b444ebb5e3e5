"""The endpoints of the API and the steps of cases, as the document that describes them has them."""

from typing import Any

from gridmap.urls import api


def endpoints() -> list[str]:
    paths: dict[str, dict[str, Any]] = api.get_openapi_schema()["paths"]
    return [f"{method.upper()} {path}" for path, methods in paths.items() for method in methods]


def step_names() -> list[str]:
    """The values that `{action}` takes, as the OpenAPI document has them."""
    path = api.get_openapi_schema()["paths"]["/api/incidents/{incident_id}/{action}"]["post"]
    names: list[str] = next(p["schema"]["enum"] for p in path["parameters"] if p["name"] == "action")
    return names
