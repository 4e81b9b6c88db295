"""Pages of a person rather than of an organisation.

Names without `account:` are those by which django-allauth finds its own pages.
"""

from allauth.account import views as allauth_account
from allauth.mfa.base import views as allauth_mfa
from allauth.mfa.recovery_codes import views as recovery_codes
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as webauthn
from django.urls import URLPattern, URLResolver, include, path, re_path
from django.views.generic import RedirectView

from tenants.views import account, devices, entrance, joining, through
from tenants.views.account_pages import own_page, page

ours = [
    path("theme/", account.theme, name="theme"),
    path("organisations/", account.tenant_list, name="tenant-list"),
    path("profile/", account.profile, name="profile"),
    path("out-of-reach/", account.out_of_reach, name="out-of-reach"),
    path("organisation/", through.organisation, name="organisation"),
    path("through/<uuid:tenant>/<uuid:pk>/", through.through, name="through"),
    path(
        "through/<uuid:tenant>/<uuid:pk>/callback/",
        through.through_callback,
        name="through-callback",
    ),
    path("connected/", through.connected, name="connected"),
    path("connected/<uuid:tenant>/<uuid:pk>/", through.connect, name="connect"),
    path("connected/<int:pk>/remove/", through.disconnect, name="disconnect"),
    path("devices/", devices.device_list, name="device-list"),
    path("devices/others/", devices.devices_end, name="devices-end"),
    path("devices/<int:pk>/", devices.device_end, name="device-end"),
    path("invitation/", joining.invitation, name="invitation"),
    path("invitation/join/", joining.invitation_join, name="invitation-join"),
    path("invitation/new-account/", joining.invitation_new_account, name="invitation-new-account"),
]

sign_in = [
    path("sign-in/", page(allauth_account.login), name="account_login"),
    path("sign-in/code/", page(allauth_mfa.authenticate), name="mfa_authenticate"),
    path("sign-in/passkey/", entrance.passkey, name="mfa_login_webauthn"),
    path("sign-out/", entrance.sign_out, name="account_logout"),
    path("sign-up/", page(allauth_account.signup), name="account_signup"),
    path("inactive/", page(allauth_account.account_inactive), name="account_inactive"),
    path("forgotten/", entrance.password_reset, name="account_reset_password"),
    path(
        "forgotten/sent/",
        page(allauth_account.password_reset_done),
        name="account_reset_password_done",
    ),
    path(
        "forgotten/changed/",
        page(allauth_account.password_reset_from_key_done),
        name="account_reset_password_from_key_done",
    ),
    re_path(
        r"^forgotten/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>[^/]+)/$",
        page(allauth_account.password_reset_from_key),
        name="account_reset_password_from_key",
    ),
]

account_pages = [
    path("password/", entrance.password_change, name="account_change_password"),
    path("password/first/", own_page(allauth_account.password_set), name="account_set_password"),
    path("e-mail/", entrance.email, name="account_email"),
    path(
        "e-mail/sent/",
        page(allauth_account.email_verification_sent),
        name="account_email_verification_sent",
    ),
    path("e-mail/<key>/", page(allauth_account.confirm_email), name="account_confirm_email"),
    path("confirm/", own_page(allauth_account.reauthenticate), name="account_reauthenticate"),
    path("confirm/code/", own_page(allauth_mfa.reauthenticate), name="mfa_reauthenticate"),
    path(
        "confirm/passkey/",
        own_page(webauthn.reauthenticate_webauthn),
        name="mfa_reauthenticate_webauthn",
    ),
]

second_factor = [
    path("", entrance.second_factor, name="mfa_index"),
    path("app/", own_page(totp.activate_totp), name="mfa_activate_totp"),
    path("app/remove/", entrance.app_remove, name="mfa_deactivate_totp"),
    path("codes/", entrance.recovery_code_list, name="mfa_view_recovery_codes"),
    path(
        "codes/new/",
        own_page(recovery_codes.generate_recovery_codes),
        name="mfa_generate_recovery_codes",
    ),
    path("passkeys/", RedirectView.as_view(pattern_name="mfa_index"), name="mfa_list_webauthn"),
    path("passkeys/new/", own_page(webauthn.add_webauthn), name="mfa_add_webauthn"),
    path("passkeys/<int:pk>/", own_page(webauthn.edit_webauthn), name="mfa_edit_webauthn"),
    path("passkeys/<int:pk>/remove/", entrance.passkey_remove, name="mfa_remove_webauthn"),
]

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include((ours, "account"))),
    path("", include(sign_in)),
    path("", include(account_pages)),
    path("second-factor/", include(second_factor)),
]
