"""Settings: secrets. They are written here and never shown."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.debug import sensitive_post_parameters

from tenants import secret_users, services
from tenants.access import Access
from tenants.models import Secret
from tenants.pages import form_status, object_page, paginate, render_page, submitted, tenant_page
from tenants.settings_forms import SecretForm

SORTS = {"name": "name", "created": "created_at"}


@tenant_page("GET", needs="manage_secrets")
def secret_list(request: HttpRequest, access: Access) -> HttpResponse:
    """Their names, how they end, who uses them, when they were used and set."""
    rows = access.visible(Secret).select_related("created_by", "replaced_by")
    page = paginate(request, rows, sorts=SORTS, default="name")
    users = secret_users.of(access, page.rows)
    listed = [(secret, users[secret.pk]) for secret in page.rows]
    context = {"access": access, "page": page, "listed": listed}
    return render_page(request, "tenants/secret_list.html", context)


@sensitive_post_parameters("value")
@tenant_page("GET", "POST", needs="manage_secrets")
def secret_create(request: HttpRequest, access: Access) -> HttpResponse:
    """A new one."""
    form = SecretForm(**submitted(request), access=access)
    if form.is_valid():
        secret = services.create_secret(access, **form.cleaned_data)
        messages.success(request, f"{secret} was sealed.")
        return redirect(secret)
    context = {"access": access, "form": form}
    return render_page(request, "tenants/secret_form.html", context, status=form_status(form))


@sensitive_post_parameters("value")
@object_page(Secret, "change", "GET", "POST")
def secret_edit(request: HttpRequest, access: Access, secret: Secret) -> HttpResponse:
    """Rename it, or put another value in its place."""
    name = secret.name  # which a form with errors has changed already
    form = SecretForm(**submitted(request), instance=secret, access=access)
    if form.is_valid():
        services.replace_secret(access, secret, **form.cleaned_data)
        messages.success(request, f"{secret} was saved.")
        return redirect(secret)
    users = secret_users.of(access, [secret])[secret.pk]
    context = {"access": access, "form": form, "secret": secret, "secret_name": name}
    context["users"] = users
    return render_page(request, "tenants/secret_form.html", context, status=form_status(form))


@object_page(Secret, "delete", "POST")
def secret_delete(request: HttpRequest, access: Access, secret: Secret) -> HttpResponse:
    """Remove one that nothing uses."""
    services.delete_secret(access, secret)
    messages.success(request, f"{secret} was deleted.")
    return redirect("tenants:secret-list", access.tenant.slug)
