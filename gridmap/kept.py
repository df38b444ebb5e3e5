"""Files that are kept: written whole or not at all. Pure."""

import os
import tempfile
from pathlib import Path


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


def uploads(root: Path) -> Path:
    """The folder of uploaded files."""
    return root / "imports"


def upload_of(root: Path, name: str) -> Path:
    """Where an uploaded file lies until it is deleted."""
    return root / "imports" / name


def look_of(root: Path, name: str) -> Path:
    """Where the first rows of an uploaded file lie, as they may be shown."""
    return root / "imports" / f"{name}.json"
