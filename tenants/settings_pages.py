"""The pages of an organisation's settings: its tabs, and what the palette finds of them.

A new settings page is a line here; its template includes `tenants/settings_tabs.html` with its key.
"""

from __future__ import annotations

from dataclasses import dataclass

from tenants.access import Access


@dataclass(frozen=True, slots=True)
class SettingsPage:
    """A page by its URL name; `needs` is the right without which it is not offered."""

    key: str
    label: str
    icon: str
    url_name: str
    needs: str = ""


PAGES = (
    SettingsPage("general", "General", "settings", "tenants:settings"),
    SettingsPage("members", "Members", "users", "tenants:member-list", "manage_members"),
    SettingsPage(
        "invitations", "Invitations", "message", "tenants:invitation-list", "manage_members"
    ),
    SettingsPage("roles", "Roles", "lock", "tenants:role-list", "manage_members"),
    SettingsPage(
        "effective", "Effective access", "check", "tenants:effective-access", "manage_members"
    ),
    SettingsPage("providers", "Providers", "provider", "tenants:provider-list", "view_agents"),
    SettingsPage("secrets", "Secrets", "key", "tenants:secret-list", "manage_secrets"),
    SettingsPage("sign-in", "Sign-in", "shield", "tenants:sign-in-list", "manage_tenant"),
    SettingsPage("keys", "API keys", "code", "tenants:key-list"),
)


def open_to(access: Access) -> list[SettingsPage]:
    """Those that this person may open."""
    return [page for page in PAGES if not page.needs or access.may(page.needs)]
