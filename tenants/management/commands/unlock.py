"""Let somebody sign in again who was locked out."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from tenants import attempts
from tenants.addresses import parsed


class Command(BaseCommand):
    """`manage.py unlock kim@example.org`, or `--address 192.0.2.7` for all behind an address."""

    help = "Forget failed sign-ins, codes and mails, so that they may be tried again at once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email", nargs="?", help="whose account")
        parser.add_argument("--address", help="the machine; of IPv6 its network")

    def handle(self, *args: Any, **options: Any) -> None:
        email, address = options["email"], options["address"]
        if not (email or address):
            raise CommandError("Say an e-mail address, or --address.")
        machine = parsed(address) if address else None
        if address and machine is None:
            raise CommandError(f"{address} is no address of a machine.")
        if email:
            attempts.unlock(email.strip().lower())
        if machine:
            attempts.unlock_machine(machine)
        self.stdout.write("Unlocked.")
