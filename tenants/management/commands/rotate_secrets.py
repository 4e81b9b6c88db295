"""`manage.py rotate_secrets [--check]`: what is sealed, sealed anew with the newest key."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from tenants import rotation, secrets


class Command(BaseCommand):
    """Exit status 0 where all is on the newest key, 1 where something is not."""

    help = "Seal all secrets anew with the first key of ROSTER_SECRET_KEYS."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--check", action="store_true", help="only tell how many values are on which key"
        )
        parser.add_argument("--batch", type=int, default=rotation.BATCH, metavar="ROWS")

    def handle(self, *args: Any, check: bool, batch: int, **options: Any) -> None:
        if batch < 1:
            raise CommandError("--batch has to be 1 or more.", returncode=2)
        if check:
            self._check()
        else:
            self._rotate(batch)

    def _check(self) -> None:
        newest, counts = secrets.newest_key_id(), rotation.keys_in_use()
        for key_id in sorted({newest, *counts}, key=lambda known: (known != newest, known)):
            note = " (the newest)" if key_id == newest else ""
            self.stdout.write(f"{key_id}{note}: {counts[key_id]:,}")
        if older := counts.total() - counts[newest]:
            raise CommandError(f"{older:,} values are on older keys. Run rotate_secrets.")

    def _rotate(self, batch: int) -> None:
        progress = None
        for progress in rotation.rotate(batch):
            self.stdout.write(f"{progress.done:,} of {progress.total:,} sealed anew")
            self.stdout.flush()
        if progress is None:
            self.stdout.write("Everything is on the newest key already.")
        elif progress.unopened:
            ids = ", ".join(map(str, progress.unopened))
            raise CommandError(f"{len(progress.unopened):,} can't be opened by any key: {ids}")
