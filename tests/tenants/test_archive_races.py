"""Several who archive an organisation, or bring it back, in the same moment."""

import pytest

from tenants import services
from tenants.access import Access
from tenants.models import AuditEvent, Tenant
from tests.tenants.test_member_races import at_once

pytestmark = pytest.mark.django_db(transaction=True)


def test_each_way_is_gone_once(tenant, owner):
    def go(service):
        access = Access.of(owner, tenant.slug)
        at_once(*[lambda: service(access, tenant)] * 4)
        return Tenant.objects.get(pk=tenant.pk).is_archived

    assert [go(services.archive_tenant), go(services.unarchive_tenant)] == [True, False]

    events = AuditEvent.unscoped.filter(action__startswith="tenant.").order_by("number")
    told = [event.action for event in events if event.action != "tenant.created"]
    assert told == ["tenant.archived", "tenant.unarchived"]
