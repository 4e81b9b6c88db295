"""Mutants of checks that change nothing anybody could notice: (file, name) → the reason."""

_IDS = "subject_id__in=visible.values('pk')"
EQUIVALENT = {
    (
        "tenants/access.py",
        "module: Q(role__is_built_in=True, role__slug='owner') → Q(role__slug='owner')",
    ): "a slug is taken once in a tenant, and every tenant has the built-in role of this one",
    (
        "tenants/rules.py",
        "ThroughSubject._about_visible: Q(pk__in=()) → Q()",
    ): "there always are subjects, with each of which it is joined",
    (
        "tenants/rules.py",
        f"ThroughSubject._about_visible: Q(subject_type=label, {_IDS}) → Q({_IDS})",
    ): "no two rows have one id, whatever table they are in",
}
