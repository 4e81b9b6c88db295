"""Functions that look beyond the proven tenants, by module: each with its reason.

They are the ways in, which find out what a person or a token belongs to, and what makes tenants and
members. Beside them the platform's own pages, which look over all tenants: known by an argument
`platform`; that they open no tenant's content is tested in tests/platform.
"""

ALLOWED = {
    "tenants.access": {
        "Access.of": "asks whether the person is a member",
        "Access.for_member": "the same, for background work",
        "Access.through": "the same, for a key's maker",
        "Access.newcomer": "the same, for whoever was just made one",
    },
    "tenants.api_keys": {"check": "finds the one key that a header names, and notes its use"},
    "tenants.factors": {
        "requiring": "asks which of a person’s own tenants want a second factor",
        "may_remove": "the same, before they part with theirs",
    },
    "tenants.inviting": {
        "opened_by": "finds the one invitation that a token opens",
        "locked": "the same, locked",
    },
    "tenants.services.invitations": {
        "accept_invitation": "makes a member of who holds a token, and is none before",
        "begin_account": "the same, with a new account",
    },
    "tenants.services.tenants": {
        "new_tenant": "makes a tenant of which nobody is a member yet",
        "add_member": "makes its first members",
    },
    "tenants.services.sign_in": {
        "join_through": "makes a member of whom the organisation’s own sign-in vouches for",
    },
    "tenants.signing_in": {
        "by_ids": "finds the one sign-in that an address names, for who isn’t in yet",
        "of_organisation": "finds those of the one organisation that was typed in",
    },
    "tenants.views.provider_adapter": {
        "ProviderAdapter.get_provider": "opens the client secret of the sign-in that it found",
    },
    "tenants.viewing": {
        "stop": "logs that a viewing ended where the person may be a member no more",
    },
    "tenants.slugs": {"claim": "asks whether a slug is free among all tenants"},
}
PLATFORM = "platform"
# Put into the SQL of a person's own memberships, which are read where they are shown.
OWN = "'own memberships' <> ''"
