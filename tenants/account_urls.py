"""Pages of a person rather than of an organisation."""

from django.urls import path

from tenants.views import account

app_name = "account"
urlpatterns = [
    path("sign-in/", account.sign_in, name="sign-in"),
    path("sign-out/", account.sign_out, name="sign-out"),
    path("theme/", account.theme, name="theme"),
    path("organisations/", account.tenant_list, name="tenant-list"),
]
