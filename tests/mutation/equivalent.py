"""Mutants of checks that change nothing anybody could notice: (file, name) → the reason."""

_SUBJECT = "Exists(subjects.filter(pk=OuterRef('subject_id')))"
_ABOUT = "about_id=OuterRef('about_id')"
_OF_PEOPLE = "written_for_people(type(row), [row.pk], people)"
_OF_ROLES = "written_for_roles(type(row), [row.pk], groups)"
_MINE = "rows.filter(tenant__in=only)"
_JOINED = "memberships(platform.user)"
_TYPE = "content_type=ContentType.objects.get_for_model(row)"
_NAMED = "codename__in=[f'{action}_{row._meta.model_name}' for action in actions]"
_TENANT = "content_object_id=OuterRef('tenant_id')"
_OWNING = "role_id=membership.role_id, is_suspended=False, user__is_active=True"
_BY_IDS = "_by_ids.first(user=user_id, tenant=tenant_id)"
_EVENTS = "access.visible(AuditEvent).filter(by_id | by_name"
_OPEN = "known.open_fields(access, event.object_id, found)"
_SEEN = "self.visible(model).filter(pk=pk).exists()"
_OF_TENANT = "content_type=ContentType.objects.get_for_model(Tenant)"
# File, function, what is written there, what the mutant has instead, why that is the same.
_LIST = (
    (
        "tenants/access.py", "module",
        "Q(role__is_built_in=True, role__slug='owner')", "Q(role__slug='owner')",
        "a slug is taken once in a tenant, and every tenant has the built-in role of this one",
    ),
    (
        "tenants/access.py", "Access.for_member",
        f"{_BY_IDS} if user_id else None", f"{_BY_IDS} if True else None",
        "nobody has no membership: the query finds none either; asked for the type checker",
    ),
    (
        "tenants/access.py", "Access.get",
        f"action != 'view' and {_SEEN}", _SEEN,
        "it spares asking once more for what was not found just now",
    ),
    (
        "tenants/rules.py", "ThroughSubject._about_visible",
        "Q(pk__in=())", "Q()",
        "there always are subjects, with each of which it is joined",
    ),
    (
        "tenants/rules.py", "ThroughSubject._about_visible",
        f"Q({_SUBJECT}, subject_type=label)", f"Q({_SUBJECT})",
        "no two rows have one id, whatever table they are in",
    ),
    (
        "tenants/audit_rule.py", "_is_shown",
        f"model.unscoped.filter(tenant_id=access.tenant.pk, {_ABOUT})",
        f"model.unscoped.filter({_ABOUT})",
        "no two rows have one id, so all events about it are of its tenant",
    ),
    (
        "tenants/audit_rule.py", "_shared_ancestor",
        "isinstance(rule, Shared) or not _belongs(row)", "not _belongs(row)",
        "what is shared belongs to nothing",
    ),
    (
        "tenants/key_bounds.py", "Bounds._is_as_slow_as",
        "self.rate_limit is None or outer.rate_limit is None", "self.rate_limit is None",
        "asked only where the outer one has a limit; for the type checker",
    ),
    (
        "tenants/explaining.py", "decided_by",
        f"{_EVENTS}, object_type=row._meta.label_lower, object_id=str(row.pk))",
        f"{_EVENTS}, object_id=str(row.pk))",
        "no two rows have one id, whatever table they are in",
    ),
    (
        "tenants/restoring.py", "fields_of",
        f"{_OPEN} if found else set()", f"{_OPEN} if True else set()",
        "of no fields none is open; it spares a query",
    ),
    (
        "config/platform/views.py", "tenant_list",
        f"{_JOINED}.filter(tenant__in=page.rows)", f"{_JOINED}.filter()",
        "what is read too much is of no organisation on the page",
    ),
    (
        "config/platform/counting.py", "_figures",
        f"{_MINE} if only else rows", f"{_MINE} if False else rows",
        "what is counted too much is of organisations that nobody asked for",
    ),
    (
        "config/platform/counting.py", "_figures",
        _MINE, "rows.filter()",
        "the same",
    ),
    (
        "tenants/services/sharing.py", "_decide",
        "rows.filter(tenant=access.tenant, pk=row.pk)", "rows.filter(pk=row.pk)",
        "it only locks: `access.get` refuses what is foreign, and the leak detector sees the lock",
    ),
    (
        "tenants/sharing.py", "module",
        "Membership | Role", "Membership",
        "a name for the type checker alone",
    ),
    (
        "tenants/sharing.py", "module",
        "Membership | Role", "Role",
        "the same",
    ),
    (
        "tenants/sharing.py", "shares_of",
        f"{_OF_PEOPLE} if people else {{}}", f"{_OF_PEOPLE} if True else {{}}",
        "nothing stands for nobody; it spares a query",
    ),
    (
        "tenants/sharing.py", "shares_of",
        f"{_OF_ROLES} if groups else {{}}", f"{_OF_ROLES} if True else {{}}",
        "the same",
    ),
    *(
        (
            "tenants/sharing.py", f"written_for_{whom}",
            f"_{whom}(model).filter(content_object_id__in=rows, {others})",
            f"_{whom}(model).filter({kept})",
            "what is read too much is of no row and holder that anybody looks up",
        )
        for whom, others in (("people", "user_id__in=people"), ("roles", "group_id__in=groups"))
        for kept in ("content_object_id__in=rows", others)
    ),
    *(
        (
            "tenants/sharing.py", "put",
            f"[{action}] if {rung} else []", f"[{action}] if True else []",
            "no permission is called as this would be without a rung",
        )
        for rung, action in (
            ("share.allowed", "share.allowed"), ("share.denied", "f'deny_{share.denied}'"),
        )
    ),
    (
        "tenants/sharing.py", "put",
        f"Permission.objects.filter({_TYPE}, {_NAMED})", f"Permission.objects.filter({_NAMED})",
        "no other model is called like one that is shared",
    ),
    (
        "tenants/api_keys.py", "check",
        "key is None or not _is_secret_of(key, token, now)", "not _is_secret_of(key, token, now)",
        "what comes through a key has it; asked for the type checker",
    ),
    (
        "tenants/api_keys.py", "_is_secret_of",
        "key.previous_digest is None or key.previous_ends_at is None",
        "key.previous_digest is None",
        "both are set and emptied together",
    ),
    (
        "tenants/api_keys.py", "_is_secret_of",
        "key.previous_digest is None or key.previous_ends_at is None",
        "key.previous_ends_at is None",
        "the same",
    ),
    (
        "tenants/api_keys.py", "_note_use",
        "now - LAST_USE_STEP", "now",
        "a second one of requests in the same moment would write the same",
    ),
    (
        "tenants/api_keys.py", "_note_use",
        "ApiKey.unscoped.filter(old, pk=key.pk)", "ApiKey.unscoped.filter(pk=key.pk)",
        "the same",
    ),
    (
        "tenants/access.py", "_granted",
        f"TenantRoleGrant.objects.filter(group_id=OuterRef(group_id), {_TENANT})",
        "TenantRoleGrant.objects.filter(group_id=OuterRef(group_id))",
        "a role's group is granted something on the role's own tenant alone",
    ),
    (
        "tenants/api.py", "Bearer.authenticate",
        "access and access.key", "access",
        "what comes through a key has it; asked for the type checker",
    ),
    (
        "tenants/granting.py", "with_capabilities",
        f"TenantRoleGrant.objects.filter(group_id=OuterRef('group_id'), {_TENANT})",
        "TenantRoleGrant.objects.filter(group_id=OuterRef('group_id'))",
        "the same",
    ),
    (
        "tenants/granting.py", "capabilities_of",
        "TenantRoleGrant.objects.filter(group_id=role.group_id, content_object_id=role.tenant_id)",
        "TenantRoleGrant.objects.filter(group_id=role.group_id)",
        "the same",
    ),
    (
        "tenants/granting.py", "grantable",
        "within.exclude(is_built_in=True, slug='owner')", "within.exclude(slug='owner')",
        "a slug is taken once in a tenant, and every tenant has the built-in role of this one",
    ),
    (
        "tenants/granting.py", "require_another_owner",
        f"Membership.unscoped.filter(tenant_id=membership.tenant_id, {_OWNING})",
        f"Membership.unscoped.filter({_OWNING})",
        "a role is of one tenant",
    ),
    (
        "tenants/services/roles.py", "_set_capabilities",
        "grants.filter(group_id=role.group_id, content_object_id=role.tenant_id)",
        "grants.filter(group_id=role.group_id)",
        "a role's group is granted something on the role's own tenant alone",
    ),
    (
        "tenants/services/roles.py", "_set_capabilities",
        f"Permission.objects.filter({_OF_TENANT}, codename__in=chosen)",
        "Permission.objects.filter(codename__in=chosen)",
        "no other model has a permission that is called like a capability",
    ),
    (
        "tenants/services/tenants.py", "_create_built_in_roles",
        f"Permission.objects.filter({_OF_TENANT})", "Permission.objects.filter()",
        "the same",
    ),
)  # fmt: skip
EQUIVALENT = {
    (path, f"{function}: {before} → {after}"): reason
    for path, function, before, after, reason in _LIST
}
