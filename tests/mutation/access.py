"""Each check that decides who may do what, taken away alone: a test of security must notice."""

import json
import re

from tests.mutation.checks import mutants
from tests.mutation.equivalent import EQUIVALENT
from tests.mutation.recording import THOROUGH, Record
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
    "tenants/noting.py",
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
# Of these modules only what says who comes in; the rest of them is about how pages and lists look.
ONLY = {
    "tenants/api.py": ("Bearer", "_count"),
    "tenants/pages.py": (
        "tenant_page", "object_page", "platform_page", "_entering", "_guarded", "_known",
        "_to_sign_in",
    ),
}  # fmt: skip
# Where a test of each check is to be found: what is about rights, and quick. Sweeps and random
# grants come on top.
TESTS = (
    "tests/tenants/test_access.py", "tests/tenants/test_access_agreement.py",
    "tests/tenants/test_access_checks.py", "tests/tenants/test_access_of_keys.py",
    "tests/tenants/test_access_tab.py",
    "tests/tenants/test_activity_access.py", "tests/tenants/test_api_keys.py",
    "tests/tenants/test_activity_tab.py", "tests/tenants/test_archive.py",
    "tests/tenants/test_audit_rule.py", "tests/tenants/test_effective_reasons.py",
    "tests/tenants/test_restoring_decisions.py", "tests/tenants/test_sign_in.py",
    "tests/tenants/test_archive_pages.py", "tests/tenants/test_capabilities.py",
    "tests/tenants/test_factor_rules.py", "tests/tenants/test_granting.py",
    "tests/tenants/test_job_access.py",
    "tests/tenants/test_page_kit.py",
    "tests/tenants/test_compiled.py", "tests/tenants/test_denials.py",
    "tests/tenants/test_effective_access.py", "tests/tenants/test_idempotency.py",
    "tests/tenants/test_kept_answers.py", "tests/tenants/test_noting.py",
    "tests/tenants/test_invitations.py", "tests/tenants/test_inviting.py",
    "tests/tenants/test_job_authority.py",
    "tests/tenants/test_jobs.py", "tests/tenants/test_joining.py",
    "tests/tenants/test_key_bounds.py", "tests/tenants/test_key_headers.py",
    "tests/tenants/test_key_rotation.py", "tests/tenants/test_keeping_secrets.py",
    "tests/tenants/test_keys_api.py", "tests/tenants/test_keys_made_with_keys.py",
    "tests/tenants/test_lock_out.py", "tests/tenants/test_members.py",
    "tests/tenants/test_names.py",
    "tests/tenants/test_object_grants.py", "tests/tenants/test_organisations.py",
    "tests/tenants/test_rate_limits.py", "tests/tenants/test_reach.py",
    "tests/tenants/test_reach_rules.py", "tests/tenants/test_signing_in.py",
    "tests/tenants/test_required_factor.py", "tests/tenants/test_reset_second_factor.py",
    "tests/tenants/test_restoring.py",
    "tests/tenants/test_restoring_settings.py", "tests/tenants/test_roles.py",
    "tests/tenants/test_saved_views.py",
    "tests/tenants/test_second_factor.py", "tests/tenants/test_secrets.py",
    "tests/tenants/test_sharing.py", "tests/tenants/test_sharing_api.py",
    "tests/tenants/test_sharing_words.py", "tests/tenants/test_slugs.py",
    "tests/tenants/test_tenant_settings.py",
    "tests/tenants/test_through.py", "tests/tenants/test_viewing.py",
    "tests/platform/test_platform_access.py", "tests/platform/test_platform_acts.py",
    "tests/platform/test_new_organisation.py",
    "tests/platform/test_platform_list.py", "tests/platform/test_joining_from_the_platform.py",
    "tests/agents/test_agent_list_rights.py", "tests/agents/test_agent_detail.py",
    "tests/agents/test_agent_edit.py", "tests/runs/test_run_access.py",
    "tests/runs/test_rights_end.py", "tests/runs/test_run_sources.py",
    "tests/config/test_forged_headers.py", "tests/frame/test_home.py",
    "tests/frame/test_frame.py", "tests/tenants/test_merging.py",
    "tests/tenants/test_member_pages.py", "tests/tenants/test_role_pages.py",
    "tests/tenants/test_key_pages.py", "tests/tenants/test_invitation_pages.py",
    "tests/tenants/test_merging_settings.py", "tests/tenants/test_through_vendors.py",
    "tests/tenants/test_all_or_nothing.py", "tests/tenants/test_key_services.py",
    "tests/tenants/test_sign_in_services.py", "tests/tenants/test_role_services.py",
    "tests/tenants/test_member_services.py", "tests/tenants/test_tenant_services.py",
    "tests/tenants/test_invitation_services.py",
)  # fmt: skip

# For locks, in a run of their own: these commit.
RACES = tuple(str(path.relative_to(ROOT)) for path in ROOT.glob("tests/tenants/test_*_races.py"))


def find(files=(), wanted="", tree=ROOT):
    """All mutants of the modules that decide, or of these of them; of a copy as it was made.
    `wanted` is an expression for what `told` says of them."""
    return [
        mutant
        for path in (files or DECIDING)
        for mutant in mutants(path, (tree / path).read_text())
        if re.search(wanted, told(mutant)) and mutant.function.startswith(ONLY.get(path, ""))
    ]


def names(files, wanted):
    return [told(mutant) for mutant in find(files, wanted)]


def told(mutant):
    """Where it is and what it is, in a line."""
    return f"{mutant.path}:{mutant.line} {mutant.name}"


def report(workshop, asked):
    """Yield what is wrong, a line each, and print how it goes."""
    every = {(mutant.path, mutant.name) for mutant in find(tree=workshop.tree)}
    yield from (f"{key}: allowed, but there is no such mutant" for key in EQUIVALENT.keys() - every)
    found = find(asked.files, asked.k, workshop.tree)
    tests, races = ([t for t in every if re.search(asked.tests, t)] for every in (TESTS, RACES))
    alive, record = _swapped(workshop, found, tests)
    print(f"{len(found)} mutants: {len(found) - len(alive)} killed without an import. Not so")
    print(*(f"  {told(mutant)}" for mutant in alive), sep="\n")
    if asked.quick:
        yield from (f"Wants a run of its own: {told(m)}" for m in alive if not _reason(m))
        return
    for mutant in alive:
        thorough = [*record.tests_of(mutant, THOROUGH), *races]
        yield from _verdict(mutant, _lives(workshop, mutant, thorough))


def _verdict(mutant, lives):
    reason = _reason(mutant)
    fate = "equivalent" if reason and lives else "SURVIVED" if lives else "killed"
    print(f"{fate:12} {told(mutant)}", flush=True)
    if lives and not reason:
        yield f"Nobody noticed {told(mutant)}"
    if reason and not lives:
        yield f"Allowed as equivalent, but it was noticed: {told(mutant)}"


def _reason(mutant):
    """Why it is listed as equivalent, if it is."""
    return EQUIVALENT.get((mutant.path, mutant.name))


def _swapped(workshop, found, tests):
    """Those that the tests let live, tried quickly, and the record of the tests. Raises where
    these fail by themselves."""
    plugin = Swapping(found, workshop)
    _, log = workshop.run(tests, plugins=[plugin], patience=3600 + 60 * len(found))
    lines = [json.loads(line) for line in plugin.results.read_text().splitlines()]
    if not lines or lines[0] != [None, ""]:
        raise RuntimeError(f"The tests fail without any mutant: {lines}\n{log[-3000:]}")
    if [number for number, _ in lines[1:]] != list(range(len(found))):
        raise RuntimeError(
            f"Only {len(lines) - 1} of {len(found)} mutants were tried.\n{log[-3000:]}"
        )
    alive = [found[number] for number, killer in lines[1:] if not killer]
    return alive, Record.read(plugin.record)


def _lives(workshop, mutant, tests):
    """Whether nothing fails with the mutant in its file, from which it is imported."""
    workshop.write(mutant.path, mutant.source)
    try:
        return not workshop.run(tests)[0]
    finally:
        workshop.restore_all()
