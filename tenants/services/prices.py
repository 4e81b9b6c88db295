"""Keeping a tenant's own prices of models."""

from __future__ import annotations

from decimal import Decimal
from typing import TypedDict, Unpack

from tenants import audit
from tenants.access import Access
from tenants.models import ModelPrice, Provider


class PriceFields(TypedDict):
    """What a million tokens cost."""

    model: str
    input_mtok: Decimal
    output_mtok: Decimal
    cached_input_mtok: Decimal | None
    currency: str


@audit.atomic()
def create_price(access: Access, provider: Provider, **fields: Unpack[PriceFields]) -> ModelPrice:
    """A price from now on; what is booked already stays as it is."""
    price = access.add(ModelPrice(provider=provider, **fields))
    told = {name: [None, value] for name, value in fields.items()}
    audit.record(access, "price.created", price, told)
    return price


def update_price(
    access: Access,
    price: ModelPrice,
    *,
    expected_version: str | None = None,
    **fields: Unpack[PriceFields],
) -> ModelPrice:
    """Another price from now on. Raises VersionMoved where it has moved on from the expected
    version, and ValidationError where the model has another price already."""
    with audit.changing(access, price, "price.updated", expected_version):
        for name, value in fields.items():
            setattr(price, name, value)
        price.validate()
        price.save()
    return price


@audit.atomic()
def delete_price(access: Access, price: ModelPrice) -> None:
    """From now on the public price holds, where there is one."""
    audit.record(access, "price.deleted", price)
    price.delete()
