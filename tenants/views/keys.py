"""Settings: API keys. A key is shown once, when it is made or rotated."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from tenants import bulk, key_bounds, key_reading, services
from tenants.access import Access
from tenants.bulk import Act, Listed, NotDone
from tenants.capabilities import closure
from tenants.key_forms import KeyFilters, KeyForm, LimitForm, RotationForm
from tenants.lists import ListPage
from tenants.models import ApiKey
from tenants.pages import form_status, object_page, paginate, render_page, submitted, tenant_page
from tenants.role_forms import boxes
from tenants.views.saved_views import with_saved_views

SORTS = {"name": "name", "created": "created_at", "expires": "expires_at", "used": "last_used_at"}


LIST = ListPage("keys", "tenants:key-list", KeyFilters, key_reading.told)


@tenant_page("GET")
@with_saved_views(LIST)
def key_list(request: HttpRequest, access: Access) -> HttpResponse:
    """One's own keys; everybody's for whoever keeps them."""
    filters, listing = LIST.shown(access, request.GET)
    page = paginate(request, listing, sorts=SORTS, default="-created")
    # Only active ones are listed at first, so an empty list may still have others behind it.
    has_ended = not page and not filters.is_narrowed and access.visible(ApiKey).exists()
    context = {"access": access, "page": page, "filters": filters, "has_ended": has_ended}
    return render_page(request, "tenants/key_list.html", context, partial="results")


def _revoke(access: Access, key: ApiKey) -> None:
    # With the key that made it, it may have ended a moment ago.
    if access.get(ApiKey, key.pk).revoked_at is not None:
        raise NotDone("it is revoked already")
    services.revoke_api_key(access, key)


bulk.declare(
    Listed(
        page=LIST,
        model=ApiKey,
        noun="key",
        nouns="API keys",
        acts=(
            Act(
                "revoke",
                "Revoke",
                "trash",
                "They stop working at once and for good, in open streams too, and so do the keys "
                "that were made with them and the work that they asked for.",
                "revoked",
                right="delete",
                do=_revoke,
            ),
        ),
    )
)


@tenant_page("GET", "POST")
def key_create(request: HttpRequest, access: Access) -> HttpResponse:
    """A new key in one's own name."""
    form = KeyForm(**submitted(request), access=access)
    if form.is_valid():
        try:
            key, token = services.create_api_key(access, **form.fields_for_service())
        except ValidationError as refusal:
            _tell(form, refusal)
        else:
            return _shown_once(request, access, key, token)
    return _form_page(request, access, form)


@object_page(ApiKey, "view", "GET")
def key_detail(request: HttpRequest, access: Access, key: ApiKey) -> HttpResponse:
    """What a key may do, within which bounds, and when it was last used from where."""
    key = key_reading.told(access).get(pk=key.pk)
    named = set(key.agent_ids or ())
    made = key_reading.told(access).filter(made_with=key).order_by("-created_at")
    seen = list(key_bounds.visible_agents(access).filter(pk__in=named))
    held = closure(set(key.scopes))
    context = {
        "access": access,
        "key": key,
        "is_own": key.user_id == access.user.pk,
        "made": made,
        "agents": seen,
        "hidden_agents": len(named) - len(seen),
        "groups": [
            (title, [b for b in all_ if b.is_checked]) for title, all_ in boxes(held, access)
        ],
    }
    return render_page(request, "tenants/key_detail.html", context)


@object_page(ApiKey, "change", "GET", "POST")
def key_edit(request: HttpRequest, access: Access, key: ApiKey) -> HttpResponse:
    """Change one's own; it holds with the next request."""
    form = KeyForm(**submitted(request), access=access, key=key)
    if form.is_valid():
        try:
            services.update_api_key(access, key, **form.fields_for_service())
        except ValidationError as refusal:
            _tell(form, refusal)
        else:
            messages.success(request, "The key was saved. It holds from the next request on.")
            return redirect(key)
    return _form_page(request, access, form, key)


# ── A form that is still being written: shown again as it stands, nothing is saved ────────────


@tenant_page("POST")
def draft_key_find(request: HttpRequest, access: Access) -> HttpResponse:
    """The agents that fit what is typed, for a new key."""
    return _form_page(request, access, KeyForm(access=access, unsaved=request.POST))


@object_page(ApiKey, "change", "POST")
def key_find(request: HttpRequest, access: Access, key: ApiKey) -> HttpResponse:
    """The same for one that there is."""
    return _form_page(request, access, KeyForm(access=access, key=key, unsaved=request.POST), key)


# ── What becomes of a key ─────────────────────────────────────────────────────────────────────


@object_page(ApiKey, "change", "GET", "POST")
def key_rotate(request: HttpRequest, access: Access, key: ApiKey) -> HttpResponse:
    """A new secret for one's own key, while the old one goes on for a while."""
    form = RotationForm(**submitted(request))
    if form.is_valid():
        try:
            key, token = services.rotate_api_key(access, key, **form.cleaned_data)
        except ValidationError as refusal:
            form.add_error(None, refusal)
        else:
            return _shown_once(request, access, key, token)
    context = {"access": access, "form": form, "key": key}
    return render_page(request, "tenants/key_rotate.html", context, status=form_status(form))


@object_page(ApiKey, "delete", "POST")
def key_revoke(request: HttpRequest, access: Access, key: ApiKey) -> HttpResponse:
    """End it at once and for good."""
    services.revoke_api_key(access, key)
    messages.success(request, f"{key} was revoked. It has stopped working.")
    return redirect("tenants:key-list", access.tenant.slug)


@tenant_page("GET", "POST", needs="manage_keys")
def key_limit(request: HttpRequest, access: Access) -> HttpResponse:
    """How often each key may ask that has no limit of its own."""
    tenant = access.tenant
    seconds = tenant.key_rate_seconds
    initial = {"rate_limit": tenant.key_rate_limit, "rate_seconds": seconds}
    form = LimitForm(**submitted(request), initial=initial, seconds=seconds, row=tenant)
    if form.is_valid():
        services.set_key_limit(access, expected_version=tenant.version, **form.cleaned_data)
        messages.success(request, "The limit was saved. It holds from the next request on.")
        return redirect("tenants:key-list", access.tenant.slug)
    context = {"access": access, "form": form}
    return render_page(request, "tenants/key_limit.html", context, status=form_status(form))


def _form_page(
    request: HttpRequest, access: Access, form: KeyForm, key: ApiKey | None = None
) -> HttpResponse:
    """The form; htmx asks for the agents alone when something is typed."""
    context = {"access": access, "form": form, "key": key}
    template, status = "tenants/key_form.html", form_status(form)
    return render_page(request, template, context, partial="found", status=status)


def _shown_once(request: HttpRequest, access: Access, key: ApiKey, token: str) -> HttpResponse:
    """The answer to the POST itself: no address shows the key again."""
    context = {"access": access, "key": key, "token": token}
    return render_page(request, "tenants/key_shown.html", context)


def _tell(form: KeyForm, refusal: ValidationError) -> None:
    """At the field where the form has it under another name."""
    names = {"agent_ids": "agents", "expires_at": "expires_on"}
    by_field = refusal.message_dict if hasattr(refusal, "error_dict") else {"": refusal.messages}
    for field, told in by_field.items():
        name = names.get(field, field)
        for message in told:
            form.add_error(name if name in form.fields else None, message)
