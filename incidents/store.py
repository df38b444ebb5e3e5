"""Where photo files lie: under a root, by their digest."""

from pathlib import Path
from uuid import UUID

from gridmap.kept import write

__all__ = ["archive_of", "path_of", "write"]


def path_of(root: Path, sha256: str, *, thumb: bool = False) -> Path:
    """The file of a photo, or of its small picture."""
    return root / "photos" / sha256[:2] / f"{sha256}{'.thumb' if thumb else ''}.jpg"


def archive_of(root: Path, incident_id: UUID) -> Path:
    """The file of a case's archive."""
    return root / "archives" / f"{incident_id}.pdf"
