"""A workbook is opened once in a process of its own, with bounds of memory and time, before the worker opens it. Pure.

The reader makes room for every cell between the first and the last one: one cell in A1 and one in XFD1048576, a file of 5 KB,
ask for hundreds of gigabytes. What runs out of memory there cannot be caught; it ends that process, and not the worker.
"""

import os
import resource
import subprocess
import sys
from pathlib import Path

from gridmap.intake.sheet import FileError

MOST_MEMORY = 2 << 30  # bytes; a workbook of 300 MB unpacked takes about half of it
LONGEST_S = 120


def open_apart(path: Path) -> None:
    """Open a workbook as the worker will do, elsewhere; `too_wide` when that takes too much memory or time."""
    root = str(Path(__file__).parents[2])
    command = [sys.executable, "-P", "-m", "gridmap.intake.trial", str(path.resolve())]
    try:
        done = subprocess.run(  # our own module; the path is no option: it begins with a slash
            command,
            cwd=root,
            env=os.environ | {"PYTHONPATH": root},
            capture_output=True,
            timeout=LONGEST_S,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise FileError("too_wide") from error
    if done.returncode:
        raise FileError("too_wide")


def _main(path: Path) -> None:
    from gridmap.intake.tables import first_sheet  # noqa: PLC0415  # which asks this module

    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        first_sheet(path)
    except FileError:
        return  # the worker finds the same, and says so


if __name__ == "__main__":
    _main(Path(sys.argv[1]))
