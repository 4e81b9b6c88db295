"""`python -m benchmarks.on DATABASE_URL MODULE [argument…]`: a module's `main` on that database.

For measures that compare databases, since a process has one.
"""

from __future__ import annotations

import importlib
import os
import sys

import django
from django.core.management import call_command


def main() -> None:
    """Bring the database up to date, then run the module."""
    os.environ["DATABASE_URL"] = sys.argv[1]
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    call_command("migrate", verbosity=0, skip_checks=True)
    importlib.import_module(sys.argv[2]).main(*sys.argv[3:])


if __name__ == "__main__":
    main()
