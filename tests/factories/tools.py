"""Tools."""

import factory

from tests.factories.tenants import OwnedFactory
from tools.models import Tool

ORDER_PARAMETERS = {
    "type": "object",
    "properties": {
        "order_id": {"type": "string", "description": "The order's number."},
        "verbose": {"type": "boolean", "description": "Whether to list the items."},
    },
    "required": ["order_id"],
}


class ToolFactory(OwnedFactory):
    """An HTTP tool; `BuiltinToolFactory` makes the other kind."""

    class Meta:
        model = Tool

    name = factory.Sequence(lambda n: f"Order status {n}")
    slug = factory.Sequence(lambda n: f"order_status_{n}")
    description = "Returns the status of an order."
    url_template = "https://api.example.com/orders/{order_id}"
    parameters = factory.LazyFunction(lambda: ORDER_PARAMETERS)


class BuiltinToolFactory(OwnedFactory):
    class Meta:
        model = Tool

    name = factory.Sequence(lambda n: f"Clock {n}")
    slug = factory.Sequence(lambda n: f"current_time_{n}")
    description = "Returns the present time."
    kind = "builtin"
    builtin = "current_time"
