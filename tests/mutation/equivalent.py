"""Mutants of checks that change nothing anybody could notice: (file, name) → the reason."""

EQUIVALENT = {
    (
        "tenants/access.py",
        "module: Q(role__is_built_in=True, role__slug='owner') → Q(role__slug='owner')",
    ): "a slug is taken once in a tenant, and every tenant has the built-in role of this one",
}
