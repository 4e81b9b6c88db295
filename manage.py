#!/usr/bin/env python
"""Roster's command line: `uv run manage.py up` starts everything."""

import os
import signal
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    from django.core.management import execute_from_command_line

    _require_settings()
    if sys.argv[1:2] == ["up"]:
        # Django would load the whole application first; `up` sets others going meanwhile.
        from config.management.commands.up import Command

        Command().run_from_argv(sys.argv)
    else:
        execute_from_command_line(sys.argv)


def _require_settings() -> None:
    """Name everything that is wrong with the variables, before Django hides the command."""
    from config.data_folder import Unusable
    from config.environment import WrongEnvironment
    from config.refusing import refuse

    try:
        import config.settings  # noqa: F401
    except WrongEnvironment as error:
        refuse(error.problems)
    except Unusable as error:
        refuse([str(error)])


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(128 + signal.SIGINT)
