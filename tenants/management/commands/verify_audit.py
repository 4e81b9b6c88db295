"""`manage.py verify_audit [--tenant SLUG]`: whether the activity log is as it was written."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db.models import QuerySet

from tenants import audit_chain
from tenants.audit_chain import Fault, Head
from tenants.models import Tenant

# Of one tenant: a chain that was forged anew would tell of every event.
MOST_FAULTS = 100


class Command(BaseCommand):
    """Exit status 0 where every chain holds, 1 where one does not, 2 for a wrong call."""

    help = "Check the activity log's hash chains, naming what was altered, removed or put in."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--tenant", metavar="SLUG", help="this one alone")
        parser.add_argument(
            "--witness",
            metavar="FILE",
            type=Path,
            help="compare with the ends of the chains kept in this file, and add those of now",
        )

    def handle(self, *args: Any, tenant: str | None, witness: Path | None, **options: Any) -> None:
        kept = _read(witness) if witness else []
        broken = [t.slug for t in _asked_for(tenant) if not self._holds(t, kept, witness)]
        if broken:
            raise CommandError(f"Touched: {', '.join(broken)}.", returncode=1)

    def _holds(self, tenant: Tenant, kept: list[dict[str, Any]], witness: Path | None) -> bool:
        head = audit_chain.head_of(tenant)
        seen = [Head(k["number"], k["hash"]) for k in kept if k["tenant"] == str(tenant.pk)]
        found = list(islice(audit_chain.faults(tenant, seen), MOST_FAULTS))
        for fault in _told(found):
            self.stderr.write(f"{tenant.slug}: {fault}")
        if not found:
            self.stdout.write(f"{tenant.slug}: {head.number:,} events, sound. {head.hash}")
            if witness and head.number:
                _keep(witness, tenant, head)
        return not found


def _asked_for(slug: str | None) -> QuerySet[Tenant]:
    tenants = Tenant.objects.order_by("slug")
    if slug is None:
        return tenants
    if not tenants.filter(slug=slug).exists():
        raise CommandError(f"There is no tenant {slug!r}.", returncode=2)
    return tenants.filter(slug=slug)


def _told(found: list[Fault]) -> Iterator[str]:
    yield from (f"event {fault.number} {fault.what}." for fault in found)
    if len(found) == MOST_FAULTS:
        yield "there may be more; this is where the reading ended."


def _read(witness: Path) -> list[dict[str, Any]]:
    """The ends that were kept, one JSON object on a line."""
    if not witness.exists():
        return []
    try:
        lines = [json.loads(line) for line in witness.read_text().splitlines()]
        return [{name: line[name] for name in ("tenant", "number", "hash")} for line in lines]
    except (ValueError, KeyError, TypeError) as error:
        raise CommandError(f"{witness} is no file of kept ends: {error}", returncode=2) from error


def _keep(witness: Path, tenant: Tenant, head: Head) -> None:
    with witness.open("a") as file:
        kept = {"tenant": str(tenant.pk), "number": head.number, "hash": head.hash}
        file.write(json.dumps(kept) + "\n")
