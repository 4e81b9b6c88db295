"""Pages of a person rather than of an organisation."""

from django.urls import path

from tenants.views import account, joining

app_name = "account"
urlpatterns = [
    path("sign-in/", account.sign_in, name="sign-in"),
    path("sign-out/", account.sign_out, name="sign-out"),
    path("theme/", account.theme, name="theme"),
    path("organisations/", account.tenant_list, name="tenant-list"),
    path("invitation/", joining.invitation, name="invitation"),
    path("invitation/join/", joining.invitation_join, name="invitation-join"),
    path("invitation/new-account/", joining.invitation_new_account, name="invitation-new-account"),
]
