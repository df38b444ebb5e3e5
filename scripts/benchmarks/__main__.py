"""`scripts/bench`: makes a PostgreSQL and a Redis of its own, runs one bench, prints its tables."""

import argparse
import os
from pathlib import Path

import uvloop

from scripts.benchmarks import communities, partition
from scripts.support.processes import Cluster, Redis


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="scripts/bench")
    benches = parser.add_subparsers(dest="bench", required=True)
    live = benches.add_parser("live", help="sockets x events: commit to receipt, CPU per delivery, lost")
    live.add_argument("--quick", action="store_true", help="two loads, four ways, shorter")
    live.add_argument(
        "--only", default="", help="only ways whose name contains one of these words, separated by commas"
    )
    live.add_argument("--loads", default="", help="such as 200x50,1000x200")
    live.add_argument("--seconds", type=float, default=10)
    live.add_argument("--repeat", type=int, default=1, help="runs of each; the one with the middle p99 counts")
    http = benches.add_parser("http", help="small requests a second, granian and uvicorn")
    http.add_argument("--seconds", type=float, default=5)
    cases = benches.add_parser(
        "incidents", help="lists, filters, search, statistics and tiles over very many cases, beside writes"
    )
    cases.add_argument("--cases", type=int, default=1_000_000)
    cases.add_argument("--repeat", type=int, default=30, help="answers of each request, alone and beside the writes")
    cases.add_argument("--rate", type=float, default=120, help="reports a second beside")
    people = benches.add_parser("people", help="lists, searches and looks in a register of very many people")
    people.add_argument("--persons", type=int, default=1_000_000)
    people.add_argument("--repeat", type=int, default=300, help="answers of each request")
    intake = benches.add_parser("intake", help="files into the register: rows a minute, again, undone")
    intake.add_argument("--rows", type=int, default=100_000)
    cutting = benches.add_parser(
        "partition", help="cutting communities into cells, beside METIS, gerrychain, spopt and the proven optimum"
    )
    cutting.add_argument("--communities", type=int, default=60)
    cutting.add_argument("--small", type=int, default=30, help="small instances that are solved exactly")
    cutting.add_argument("--peer-seconds", type=float, default=60, help="for each graph of a peer; 0 leaves them out")
    benches.add_parser("communities", help="communities merged and divided so that they have a size")
    register = benches.add_parser("register", help="cell pages, searches and writes in a register of very many persons")
    register.add_argument("--persons", type=int, default=1_000_000)
    register.add_argument("--repeat", type=int, default=60, help="answers of each request")
    return parser.parse_args()


def main() -> None:
    asked = parse()
    if asked.bench == "partition":
        partition.run(
            asked.communities, asked.small, asked.peer_seconds, Path(os.environ["GRIDMAP_VAR"], "peers/bin/python")
        )
        return
    if asked.bench == "communities":
        communities.run()
        return
    cluster, redis = Cluster(), Redis()
    try:
        cluster.start()
        redis.start()
        os.environ["DATABASE_URL"] = cluster.database("bench")
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "gridmap.settings")
        os.environ["GRIDMAP_VAR"] = str(cluster.folder)
        from scripts.benchmarks import runs  # noqa: PLC0415  # Django reads the environment when it starts

        if asked.bench == "incidents":
            runs.incidents(asked)
        elif asked.bench == "people":
            runs.people(asked, cluster.folder)
        elif asked.bench == "register":
            runs.register(asked)
        elif asked.bench == "intake":
            runs.intake(asked)
        else:
            uvloop.run(runs.http(asked) if asked.bench == "http" else runs.live(asked, redis))
    finally:
        redis.stop()
        cluster.stop()


if __name__ == "__main__":
    main()
