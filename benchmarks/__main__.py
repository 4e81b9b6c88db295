"""`python -m benchmarks [name…] [--json] [--rounds N]`: measure, and print what came out.

A name is a measure's number or a part of its name. Everything runs on a PostgreSQL of its own, in
`var/benchmarks`, whose large collections are made once and kept; `--fresh` starts over. Two at once
would only measure each other, so the second one is refused.
"""

from __future__ import annotations

import argparse
import base64
import json
import os
import secrets
import shutil
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import django
from django.core.management import call_command

from benchmarks.harness import Figure, all_measures
from config import cluster, data_folder, embedded

_FOLDER = Path(__file__).resolve().parent.parent / "var" / "benchmarks"
_COLUMNS = "{:<44} {:>12} {:>12} {:>8}  {:<8} {}"


def main() -> int:
    """Exit status 1 where a goal was missed."""
    options = _options()
    # Told to stop, it stops its servers too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    options.folder.mkdir(parents=True, exist_ok=True)
    try:
        with data_folder.held(options.folder, "benchmarks"), database(options):
            return _run(options)
    except data_folder.InUse as error:
        print(error, file=sys.stderr)
        return 2


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", help="numbers or parts of names; all without")
    parser.add_argument("--json", action="store_true", help="one JSON object instead of a table")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--folder", type=Path, default=_FOLDER, help="where the database is")
    parser.add_argument("--fresh", action="store_true", help="make the collections anew")
    return parser.parse_args()


@contextmanager
def database(options: argparse.Namespace) -> Iterator[None]:
    """A server like the one that `up` starts, and Django on it."""
    folder = options.folder.resolve()
    if options.fresh:
        shutil.rmtree(embedded.cluster_folder(folder), ignore_errors=True)
    os.environ["ROSTER_DATA_DIR"] = str(folder)
    os.environ["DATABASE_URL"] = embedded.database_url(folder)
    # For the servers that a measure starts; what they seal is read by nobody later.
    os.environ["SECRET_KEY"] = secrets.token_hex(32)
    os.environ["ROSTER_SECRET_KEYS"] = f"k1:{base64.b64encode(secrets.token_bytes(32)).decode()}"
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    with (folder / "postgres.log").open("ab") as log, cluster.running(folder, log=log):
        cluster.provision(folder, may_create_databases=True)
        django.setup()
        call_command("migrate", verbosity=0, skip_checks=True)
        yield


def _run(options: argparse.Namespace) -> int:
    wanted = [
        found
        for found in all_measures()
        if not options.names or any(found.is_named(name) for name in options.names)
    ]
    told: list[tuple[str, Figure]] = []
    if not options.json:
        print(_COLUMNS.format("name", "ours", "floor", "ratio", "goal", ""))
    for found in wanted:
        for figure in found.figures(options.rounds):
            told.append((found.name, figure))
            if not options.json:
                print(_line(found.name, figure), flush=True)
    if options.json:
        print(json.dumps([_as_json(name, figure) for name, figure in told], indent=2))
    return int(any(figure.is_reached is False for _, figure in told))


def _line(name: str, figure: Figure) -> str:
    number = name.split(maxsplit=1)[0]
    reached = {True: "reached", False: "MISSED", None: ""}[figure.is_reached]
    return _COLUMNS.format(
        f"{number} {figure.name}",
        f"{figure.ours:,.4g} {figure.unit}",
        "" if figure.floor is None else f"{figure.floor:,.4g} {figure.unit}",
        "" if figure.ratio is None else f"{figure.ratio:.3f}",
        figure.goal or "",
        reached,
    )


def _as_json(name: str, figure: Figure) -> dict[str, object]:
    return {
        "measure": name,
        "name": figure.name,
        "ours": figure.ours,
        "floor": figure.floor,
        "unit": figure.unit,
        "ratio": figure.ratio,
        "goal": figure.goal,
        "reached": figure.is_reached,
    }


if __name__ == "__main__":
    sys.exit(main())
