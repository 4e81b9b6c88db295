"""`manage.py web`: the web server alone."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from config import gate, ports, surroundings, web
from config.refusing import refuse


class Command(BaseCommand):
    help = "Answer requests until told to stop."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default="127.0.0.1", help="the address to listen on")
        parser.add_argument("--port", default=8000, type=int, help="the port to listen on")
        gate.add_option(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        refuse(surroundings.find_problems(needs_secrets=True))
        try:
            ports.require_free(options["host"], options["port"])
        except ports.PortTaken as problem:
            refuse([str(problem)])
        web.serve(options["host"], options["port"], held_at=options["gate"])
