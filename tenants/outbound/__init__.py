"""The one way out: every HTTP request that the portal sends leaves through here.

A tenant's admin types the addresses of tools and providers, a model fills in their arguments, and
a foreign server decides where to redirect. None of them may reach what only this machine reaches.
"""

from httpx2 import HTTPError as HttpError
from httpx2 import TimeoutException as HttpTimeout

from tenants.outbound.errors import OutboundError
from tenants.outbound.fetching import Response, client, fetch, watch
from tenants.outbound.transports import transport
from tenants.outbound.urls import check_url

# The HTTP library's own errors, for those who use `client()` (nobody else imports the library).
__all__ = [
    "HttpError",
    "HttpTimeout",
    "OutboundError",
    "Response",
    "check_url",
    "client",
    "fetch",
    "transport",
    "watch",
]
