"""A list may be sorted by a field of the row that its rows point at."""

import pytest

from tenants import services
from tenants.models import Membership
from tenants.paging import BadCursor, Order
from tests.factories.tenants import UserFactory

pytestmark = pytest.mark.django_db


def test_a_cursor_holds_the_place_in_the_order_of_the_related_field(tenant):
    members = [services.add_member(tenant, UserFactory(name=name), role="viewer") for name in "bac"]
    order = Order.of("user__name")
    rows = Membership.unscoped.filter(pk__in=[member.pk for member in members])

    cursor = order.cursor(members[0])

    assert [m.user.name for m in order.after(order.sorted(rows), cursor)] == ["c"]


def test_a_cursor_of_another_order_is_damaged(tenant):
    member = services.add_member(tenant, UserFactory(), role="viewer")
    cursor = Order.of("user__name").cursor(member)

    with pytest.raises(BadCursor):
        Order.of("created_at").after(Membership.unscoped.all(), cursor)
