"""`manage.py worker`: background work alone."""

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from config import gate, supervisor, surroundings, worker
from config.refusing import refuse
from config.up import workers


class Command(BaseCommand):
    help = "Do background work: of one queue in this process, or of every queue in a process each."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("queue", nargs="?", choices=sorted(worker.POOLS))
        gate.add_option(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        refuse(surroundings.find_problems(needs_secrets=True))
        if queue := options["queue"]:
            sys.exit(worker.serve(queue, held_at=options["gate"]))
        self._serve_all()

    def _serve_all(self) -> None:
        console = supervisor.Console(sys.stdout)
        crew = supervisor.Supervisor(console)
        try:
            with crew.signals():
                crew.run_all(workers())
        except supervisor.StopRequested as reason:
            console.line("roster", f"the workers stopped ({reason})")
        except supervisor.GaveUp as problem:
            self.stderr.write(f"The workers stopped: {problem}")
            sys.exit(1)
