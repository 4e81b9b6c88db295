"""`manage.py up`: everything Roster needs, in one terminal."""

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from config import cluster, data_folder, ports, supervisor, surroundings
from config.refusing import refuse
from config.up import Wishes, up


class Command(BaseCommand):
    help = "Start the database, the web server and the workers; stop them all with Ctrl-C."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default="127.0.0.1", help="the address to listen on")
        parser.add_argument("--port", default=8000, type=int, help="the port to listen on")
        parser.add_argument(
            "--no-demo", action="store_true", help="make no demo organisation at the first start"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        console = supervisor.Console(sys.stdout)
        wishes = Wishes(options["host"], options["port"], not options["no_demo"])
        refuse(surroundings.find_problems(needs_secrets=False))
        try:
            up(wishes, console)
        except supervisor.StopRequested as reason:
            console.line("roster", f"stopped ({reason})")
        except (data_folder.Unusable, ports.PortTaken, cluster.ClusterError) as problem:
            refuse([str(problem)])
        except supervisor.GaveUp as problem:
            self.stderr.write(f"Roster stopped: {problem}")
            sys.exit(1)
