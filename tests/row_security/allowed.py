"""Functions that look beyond the proven tenants, by module: each with its reason.

They are the ways in, which find out what a person or a token belongs to, and nothing else.
"""

ALLOWED = {
    "tenants.access": {
        "Access.of": "asks whether the person is a member",
        "Access.for_member": "the same, for background work",
        "Access.through": "the same, for a key's maker",
    },
    "tenants.api_keys": {"check": "finds the one key that a header names, and notes its use"},
    "tenants.inviting": {
        "opened_by": "finds the one invitation that a token opens",
        "locked": "the same, locked",
    },
}
