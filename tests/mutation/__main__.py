"""`uv run python -m tests.mutation`: takes each protection away and tells what nobody noticed.

    guards             what tests/architecture protects, by a list
    access [FILE …]    every check that decides who may do what, found in the syntax tree;
                       --tests 'access|jobs' looks only at tests of files that match

Without a word both. Ends with status 1 where something survived, was not tried, or no longer fits.
"""

import argparse
import sys

from tests.mutation import access, guarding
from tests.mutation.workshop import Workshop


def main():
    parser = argparse.ArgumentParser(prog="tests.mutation", description=__doc__)
    parser.add_argument("what", nargs="?", choices=("guards", "access"))
    parser.add_argument("files", nargs="*", help="of access: these modules only")
    parser.add_argument("-k", default="", help="only these: of access what --list tells like this")
    parser.add_argument("--tests", default="", help="of access: only files of tests like this")
    parser.add_argument("--quick", action="store_true", help="of access: without runs of their own")
    parser.add_argument("--list", action="store_true", help="say what would be tried")
    asked = parser.parse_args()
    parts = {"guards": guarding.report, "access": access.report}
    wanted = [asked.what] if asked.what else list(parts)
    if asked.list:
        print(*guarding.names(asked.k), *access.names(asked.files, asked.k), sep="\n")
        return 0
    with Workshop() as workshop:
        troubles = [trouble for part in wanted for trouble in parts[part](workshop, asked)]
    print(*troubles, sep="\n")
    print(f"{len(troubles)} troubles." if troubles else "Every protection is missed when it goes.")
    return 1 if troubles else 0


if __name__ == "__main__":
    sys.exit(main())
