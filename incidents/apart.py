"""Checks the signature of a PDF that anybody may send, in a process of its own with little memory, little time and no secrets.

A small PDF can unpack to more than a server has. Whatever becomes of the process, the server goes on. Pure: no Django.
"""

import json
import os
import resource
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
MOST_MEMORY = 1_500_000_000  # bytes of address space, of which the libraries take a third
MOST_SECONDS = 10  # of a processor
UNSIGNED: dict[str, Any] = {
    "valid": False, "signed": False, "intact": False, "trusted": False, "signer": "", "signed_at": None,
}  # fmt: skip


def check(pdf: bytes, folder: Path) -> dict[str, Any]:
    """What the signature is worth by the roots in this folder; what cannot be read within the limits is not signed."""
    command = [sys.executable, "-m", "incidents.apart", str(folder.resolve())]
    known = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
    try:
        run = subprocess.run(
            command, input=pdf, capture_output=True, timeout=3 * MOST_SECONDS, cwd=ROOT, env=known, check=True
        )
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired):
        return UNSIGNED
    found: dict[str, Any] = json.loads(run.stdout)
    return found


def main() -> None:
    """In the process of its own: the PDF comes by standard input, what is said of it leaves as JSON."""
    for what, most in (
        (resource.RLIMIT_AS, MOST_MEMORY),
        (resource.RLIMIT_CPU, MOST_SECONDS),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (most, most))
    from incidents import seal  # noqa: PLC0415  # large, and only loaded here

    found = seal.check(sys.stdin.buffer.read(), Path(sys.argv[1]))
    names = ("valid", "signed", "intact", "trusted", "signer", "signed_at")
    print(json.dumps({name: getattr(found, name) for name in names}, default=lambda at: at.isoformat()))


if __name__ == "__main__":
    main()
