"""Settings: what a member may do."""

from __future__ import annotations

from functools import partial
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from tenants import granting, services
from tenants.access import Access
from tenants.forms import carried_out
from tenants.models import Role
from tenants.pages import form_status, object_page, paginate, render_page, submitted, tenant_page
from tenants.role_forms import RoleDeleteForm, RoleForm, boxes

SORTS = {"name": "label", "created": "created_at"}


@tenant_page("GET", needs="manage_members")
def role_list(request: HttpRequest, access: Access) -> HttpResponse:
    """The built-in roles and the organisation's own."""
    roles = granting.with_use(granting.with_capabilities(access.visible(Role)))
    context = {"access": access, "page": paginate(request, roles, sorts=SORTS, default="created")}
    return render_page(request, "tenants/role_list.html", context)


@object_page(Role, "view", "GET")
def role_detail(request: HttpRequest, access: Access, role: Role) -> HttpResponse:
    """What a role holds, and how many have it."""
    held = granting.capabilities_of(role)
    used = granting.with_use(access.visible(Role)).get(pk=role.pk)
    context = {
        "access": access,
        "role": used,
        "groups": boxes(held, access),
        "may_decide": not role.is_built_in and held <= access.capabilities,
    }
    return render_page(request, "tenants/role_detail.html", context)


@tenant_page("GET", "POST", needs="manage_members")
def role_create(request: HttpRequest, access: Access) -> HttpResponse:
    """A role of one's own, from nothing or like another."""
    form = RoleForm(**submitted(request), access=access, like=_like(request, access))
    if role := carried_out(form, partial(services.create_role, access)):
        messages.success(request, f"The role {role} was made.")
        return redirect(role)
    context = {"access": access, "form": form}
    return render_page(request, "tenants/role_form.html", context, status=form_status(form))


def _like(request: HttpRequest, access: Access) -> Role | None:
    """The role that a new one starts as, where the address names one."""
    try:
        pk = UUID(request.GET.get("like", ""))
    except ValueError:
        return None
    return access.visible(Role).filter(pk=pk).first()


@object_page(Role, "change", "GET", "POST")
def role_edit(request: HttpRequest, access: Access, role: Role) -> HttpResponse:
    """Change a role of the organisation's own."""
    _require_own(access, role)
    form = RoleForm(**submitted(request), access=access, role=role)
    if carried_out(form, partial(services.update_role, access, role)):
        messages.success(request, "The role was saved. It holds from the next click on.")
        return redirect(role)
    context = {"access": access, "form": form, "role": role}
    return render_page(request, "tenants/role_form.html", context, status=form_status(form))


@object_page(Role, "change", "GET", "POST")
def role_delete(request: HttpRequest, access: Access, role: Role) -> HttpResponse:
    """Delete a role; who has it gets another first."""
    _require_own(access, role)
    if role.pk == access.role.pk:
        raise PermissionDenied(granting.OWN_ROLE)
    used = granting.with_use(access.visible(Role)).get(pk=role.pk)
    is_used = bool(used.members or used.invitations or used.sign_ins)
    form = RoleDeleteForm(**submitted(request), access=access, role=role, is_used=is_used)
    if form.is_valid():
        try:
            services.delete_role(access, role, **form.cleaned_data)
        except services.RoleInUse:
            form.add_error(None, "Somebody has just been given this role. Look again.")
        else:
            messages.success(request, f"The role {role} was deleted.")
            return redirect("tenants:role-list", access.tenant.slug)
    context = {"access": access, "form": form, "role": used}
    return render_page(request, "tenants/role_delete.html", context, status=form_status(form))


def _require_own(access: Access, role: Role) -> None:
    """No form for what the service would refuse."""
    if role.is_built_in:
        raise PermissionDenied(services.BUILT_IN)
    granting.require_grantable(access, role)
