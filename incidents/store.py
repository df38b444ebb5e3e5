"""Where photo files lie: under a root, by their digest, written whole or not at all."""

import os
import tempfile
from pathlib import Path
from uuid import UUID


def path_of(root: Path, sha256: str, *, thumb: bool = False) -> Path:
    """The file of a photo, or of its small picture."""
    return root / "photos" / sha256[:2] / f"{sha256}{'.thumb' if thumb else ''}.jpg"


def archive_of(root: Path, incident_id: UUID) -> Path:
    """The file of a case's archive."""
    return root / "archives" / f"{incident_id}.pdf"


def write(path: Path, data: bytes) -> None:
    """Store the bytes durably: a crash leaves the whole file or none, and the same content twice is one file."""
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    Path(file.name).replace(path)
