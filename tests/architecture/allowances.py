"""Exceptions to a rule: each with its reason, and none that is no longer needed."""


def check(rule, found, allowed):
    """Fail for what breaks the rule and is not allowed, and for allowances that nothing uses.

    `found` maps a place to what is wrong there; `allowed` maps a place to the reason.
    """
    broken = {place: wrong for place, wrong in dict(found).items() if place not in allowed}
    stale = [place for place in allowed if place not in found]
    assert not broken, f"{rule}\n" + "\n".join(f"  {p}: {w}" for p, w in sorted(broken.items()))
    assert not stale, f"{rule}\n" + "\n".join(f"  {p}: allowed, but not there" for p in stale)
    assert all(allowed.values()), f"{rule}\n  Every allowance needs its reason."
