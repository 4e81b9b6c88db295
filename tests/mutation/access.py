"""Each check that decides who may do what, taken away alone: a test of security must notice."""

import json

from tests.mutation.checks import mutants
from tests.mutation.swapping import Swapping
from tests.mutation.workshop import ROOT

# The modules that decide, and the tests that are theirs, quickest killers first.
GROUND = (
    "tests/tenants/test_access.py",
    "tests/tenants/test_object_grants.py",
    "tests/tenants/test_denials.py",
    "tests/tenants/test_archive.py",
    "tests/runs/test_run_access.py",
    "tests/tenants/test_access_properties.py",
)
KEYS = ("tests/tenants/test_api_keys.py", "tests/tenants/test_access.py")
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
    "tests/architecture/test_role_matrix.py",
    "tests/architecture/test_isolation_sweep.py",
)


def find():
    """All mutants of the modules that decide."""
    return [m for path in DECIDING for m in mutants(path, (ROOT / path).read_text())]


def survivors(workshop, found, tests_of):
    """Those that the tests let live, tried quickly. Raises where the tests fail by themselves."""
    results = workshop.folder / "results.jsonl"
    files = list(dict.fromkeys(name for mutant in found for name in tests_of(mutant)))
    plugin = Swapping(found, tests_of, workshop.tree, results)
    _, log = workshop.run(files, plugins=[plugin], patience=60 + 30 * len(found))
    told = [json.loads(line) for line in results.read_text().splitlines()]
    if not told or told[0] != [None, ""]:
        raise RuntimeError(f"The tests fail without any mutant: {told or log}")
    return [found[number] for number, killer in told[1:] if not killer]
