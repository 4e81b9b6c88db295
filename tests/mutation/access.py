"""Each check that decides who may do what, taken away alone: a test of security must notice."""

import json

from tests.mutation.checks import mutants
from tests.mutation.equivalent import EQUIVALENT
from tests.mutation.swapping import Swapping
from tests.mutation.workshop import ROOT

# The modules that decide, and the tests that are theirs, quickest killers first.
GROUND = (
    "tests/tenants/test_access.py",
    "tests/tenants/test_access_checks.py",
    "tests/tenants/test_object_grants.py",
    "tests/tenants/test_denials.py",
    "tests/tenants/test_archive.py",
    "tests/runs/test_run_access.py",
)
KEYS = (
    "tests/tenants/test_api_keys.py",
    "tests/tenants/test_access.py",
    "tests/config/test_forged_headers.py",
)
DECIDING = {
    "tenants/access.py": GROUND,
    "tenants/rules.py": (*GROUND, "tests/tenants/test_jobs.py"),
    "tenants/capabilities.py": ("tests/tenants/test_capabilities.py", *GROUND),
    "tenants/api_keys.py": KEYS,
    "tenants/api.py": KEYS,
    "tenants/granting.py": (
        "tests/tenants/test_members.py", "tests/tenants/test_roles.py",
        "tests/tenants/test_invitations.py",
    ),
    "tenants/pages.py": GROUND,
    "agents/runs/rules.py": (
        "tests/runs/test_run_access.py", "tests/tenants/test_object_grants.py",
    ),
}  # fmt: skip
# For what the quick ones let live.
THOROUGH = (
    "tests/tenants/test_access_properties.py",
    "tests/architecture/test_sharing_sweep.py",
    "tests/architecture/test_role_matrix.py",
    "tests/architecture/test_isolation_sweep.py",
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
    alive = _swapped(workshop, found, lambda mutant: DECIDING[mutant.path])
    print(f"{len(found)} mutants: {len(found) - len(alive)} killed without an import,", flush=True)
    for mutant in alive:
        yield from _verdict(mutant, _lives(workshop, mutant))


def _verdict(mutant, lives):
    reason = EQUIVALENT.get((mutant.path, mutant.name))
    words = f"{mutant.path}:{mutant.line} {mutant.name}"
    told = "equivalent" if reason and lives else "SURVIVED" if lives else "killed"
    print(f"{told:12} {words}", flush=True)
    if lives and not reason:
        yield f"Nobody noticed {words}"
    if reason and not lives:
        yield f"Allowed as equivalent, but it was noticed: {words}"


def _swapped(workshop, found, tests_of):
    """Those that the tests let live, tried quickly. Raises where the tests fail by themselves."""
    results = workshop.folder / "results.jsonl"
    files = list(dict.fromkeys(name for mutant in found for name in tests_of(mutant)))
    plugin = Swapping(found, tests_of, workshop.tree, results)
    _, log = workshop.run(files, plugins=[plugin], patience=1800 + 60 * len(found))
    told = (
        [json.loads(line) for line in results.read_text().splitlines()] if found else [[None, ""]]
    )
    if not told or told[0] != [None, ""]:
        raise RuntimeError(f"The tests fail without any mutant: {told}\n{log[-3000:]}")
    return [found[number] for number, killer in told[1:] if not killer]


def _lives(workshop, mutant):
    """Whether nothing fails with the mutant in its file, from its own tests to the sweeps."""
    workshop.write(mutant.path, mutant.source)
    try:
        own, _ = workshop.run(DECIDING[mutant.path])
        return not own and not workshop.run(THOROUGH, patience=1800)[0]
    finally:
        workshop.restore_all()
