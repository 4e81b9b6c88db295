"""Pages of the ground floor: background work and settings."""

from django.urls import path

from tenants.views import (
    activity,
    invitations,
    jobs,
    keys,
    members,
    providers,
    roles,
    secrets,
    settings,
)

app_name = "tenants"
urlpatterns = [
    path("jobs/", jobs.job_list, name="job-list"),
    path("jobs/indicator/", jobs.job_indicator, name="job-indicator"),
    path("jobs/<uuid:pk>/", jobs.job_detail, name="job-detail"),
    path("jobs/<uuid:pk>/progress/", jobs.job_progress, name="job-progress"),
    path("jobs/<uuid:pk>/retry/", jobs.job_retry, name="job-retry"),
    path("jobs/<uuid:pk>/cancel/", jobs.job_cancel, name="job-cancel"),
    path("settings/", settings.settings, name="settings"),
    path("settings/edit/", settings.tenant_edit, name="tenant-edit"),
    path("settings/archive/", settings.tenant_archive, name="tenant-archive"),
    path("settings/unarchive/", settings.tenant_unarchive, name="tenant-unarchive"),
    path("activity/", activity.event_list, name="event-list"),
    path("activity/export/", activity.event_export, name="event-export"),
    path("activity/<uuid:pk>/", activity.event_detail, name="event-detail"),
    path("activity/<uuid:pk>/restore/<slug:field>/", activity.event_restore, name="event-restore"),
    path("settings/providers/", providers.provider_list, name="provider-list"),
    path("settings/providers/new/", providers.provider_create, name="provider-create"),
    path("settings/providers/<uuid:pk>/", providers.provider_edit, name="provider-edit"),
    path("settings/providers/<uuid:pk>/delete/", providers.provider_delete, name="provider-delete"),
    path("settings/secrets/", secrets.secret_list, name="secret-list"),
    path("settings/secrets/new/", secrets.secret_create, name="secret-create"),
    path("settings/secrets/<uuid:pk>/", secrets.secret_edit, name="secret-edit"),
    path("settings/secrets/<uuid:pk>/delete/", secrets.secret_delete, name="secret-delete"),
    path("settings/api-keys/", keys.key_list, name="key-list"),
    path("settings/api-keys/new/", keys.key_create, name="key-create"),
    path("settings/api-keys/limit/", keys.key_limit, name="key-limit"),
    path("settings/api-keys/<uuid:pk>/", keys.key_detail, name="key-detail"),
    path("settings/api-keys/<uuid:pk>/edit/", keys.key_edit, name="key-edit"),
    path("settings/api-keys/<uuid:pk>/rotate/", keys.key_rotate, name="key-rotate"),
    path("settings/api-keys/<uuid:pk>/revoke/", keys.key_revoke, name="key-revoke"),
    path("settings/members/", members.member_list, name="member-list"),
    path("settings/members/<uuid:pk>/", members.member_edit, name="member-edit"),
    path("settings/members/<uuid:pk>/suspend/", members.member_suspend, name="member-suspend"),
    path(
        "settings/members/<uuid:pk>/unsuspend/", members.member_unsuspend, name="member-unsuspend"
    ),
    path("settings/members/<uuid:pk>/remove/", members.member_remove, name="member-remove"),
    path("settings/ownership/", members.ownership_transfer, name="ownership-transfer"),
    path("settings/invitations/", invitations.invitation_list, name="invitation-list"),
    path("settings/invitations/new/", invitations.invitation_create, name="invitation-create"),
    path(
        "settings/invitations/<uuid:pk>/resend/",
        invitations.invitation_resend,
        name="invitation-resend",
    ),
    path(
        "settings/invitations/<uuid:pk>/revoke/",
        invitations.invitation_revoke,
        name="invitation-revoke",
    ),
    path("settings/roles/", roles.role_list, name="role-list"),
    path("settings/roles/new/", roles.role_create, name="role-create"),
    path("settings/roles/<uuid:pk>/", roles.role_detail, name="role-detail"),
    path("settings/roles/<uuid:pk>/edit/", roles.role_edit, name="role-edit"),
    path("settings/roles/<uuid:pk>/delete/", roles.role_delete, name="role-delete"),
]
