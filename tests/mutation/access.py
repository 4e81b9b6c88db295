"""Each check that decides who may do what, taken away alone: a test of security must notice."""

import json

from tests.mutation.checks import mutants
from tests.mutation.equivalent import EQUIVALENT
from tests.mutation.recording import Record
from tests.mutation.swapping import Swapping
from tests.mutation.workshop import ROOT

# The modules that decide who may do what, and may be changed or read by whom.
DECIDING = (
    "tenants/access.py",
    "tenants/rules.py",
    "tenants/capabilities.py",
    "tenants/api_keys.py",
    "tenants/api.py",
    "tenants/granting.py",
    "tenants/pages.py",
    "agents/runs/rules.py",
    "tenants/sharing.py",
    "tenants/explaining.py",
    "tenants/factors.py",
    "tenants/key_bounds.py",
    "tenants/reach.py",
    "tenants/viewing.py",
    "tenants/platform.py",
    "config/platform/counting.py",
    "config/platform/urls.py",
    "config/platform/views.py",
    "tenants/audit_rule.py",
    "tenants/inviting.py",
    "tenants/restoring.py",
    "tenants/signing_in.py",
    "tenants/services/archive.py",
    "tenants/services/invitations.py",
    "tenants/services/keys.py",
    "tenants/services/members.py",
    "tenants/services/roles.py",
    "tenants/services/secrets.py",
    "tenants/services/sharing.py",
    "tenants/services/sign_in.py",
    "tenants/services/tenants.py",
)
# Where a test of each check is to be found: what is quick. Sweeps and random grants come on top.
TESTS = (
    "tests/tenants",
    "--ignore=tests/tenants/test_access_properties.py",
    "--ignore=tests/tenants/test_markdown.py",
    "--ignore=tests/tenants/test_through_vendors.py",
    "tests/platform",
    "--ignore=tests/platform/test_ten_thousand.py",
    "tests/agents",
    "tests/runs/test_run_access.py",
    "tests/runs/test_rights_end.py",
    "tests/runs/test_run_sources.py",
    "tests/config/test_forged_headers.py",
    "tests/config/test_api_edges.py",
    "tests/frame/test_home.py",
)


def find(files=(), wanted="", tree=ROOT):
    """All mutants of the modules that decide, or of these of them; of a copy as it was made."""
    return [
        mutant
        for path in (files or DECIDING)
        for mutant in mutants(path, (tree / path).read_text())
        if wanted in mutant.name
    ]


def names(files, wanted):
    return [f"{mutant.path}:{mutant.line} {mutant.name}" for mutant in find(files, wanted)]


def report(workshop, files, wanted):
    """Yield what is wrong, a line each, and print how it goes."""
    every = {(mutant.path, mutant.name) for mutant in find(tree=workshop.tree)}
    yield from (f"{key}: allowed, but there is no such mutant" for key in EQUIVALENT.keys() - every)
    found = find(files, wanted, workshop.tree)
    alive, record = _swapped(workshop, found)
    print(f"{len(found)} mutants: {len(found) - len(alive)} killed without an import,", flush=True)
    for mutant in alive:
        yield from _verdict(mutant, _lives(workshop, mutant, record.tests_of(mutant)))


def _verdict(mutant, lives):
    reason = EQUIVALENT.get((mutant.path, mutant.name))
    words = f"{mutant.path}:{mutant.line} {mutant.name}"
    told = "equivalent" if reason and lives else "SURVIVED" if lives else "killed"
    print(f"{told:12} {words}", flush=True)
    if lives and not reason:
        yield f"Nobody noticed {words}"
    if reason and not lives:
        yield f"Allowed as equivalent, but it was noticed: {words}"


def _swapped(workshop, found):
    """Those that the tests let live, tried quickly, and the record of the tests. Raises where
    these fail by themselves."""
    plugin = Swapping(found, workshop)
    _, log = workshop.run(TESTS, plugins=[plugin], patience=3600 + 60 * len(found))
    told = [json.loads(line) for line in plugin.results.read_text().splitlines()]
    if not told or told[0] != [None, ""]:
        raise RuntimeError(f"The tests fail without any mutant: {told}\n{log[-3000:]}")
    if [number for number, _ in told[1:]] != list(range(len(found))):
        raise RuntimeError(
            f"Only {len(told) - 1} of {len(found)} mutants were tried.\n{log[-3000:]}"
        )
    alive = [found[number] for number, killer in told[1:] if not killer]
    return alive, Record.read(plugin.record)


def _lives(workshop, mutant, tests):
    """Whether nothing fails with the mutant in its file, from which it is imported."""
    workshop.write(mutant.path, mutant.source)
    try:
        return not workshop.run(tests)[0]
    finally:
        workshop.restore_all()
