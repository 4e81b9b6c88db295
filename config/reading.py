"""How a request is read: as UTF-8, which all of our pages write and JSON demands."""

from __future__ import annotations

from typing import Any

from django.core.handlers.wsgi import WSGIHandler, WSGIRequest
from django.core.wsgi import get_wsgi_application
from django.http.multipartparser import MultiPartParserError
from django.utils.http import parse_header_parameters

# What Python's `email` raises for parameters of a header that can't be read (RFC 2231).
UNREADABLE = (ValueError, TypeError)


class Request(WSGIRequest):
    """Django's, but for the charset that a client names for it.

    Of those that Python knows some decode no text (base64, idna), and others make of harmless
    letters what no database takes (unicode_escape: lone surrogates). A Content-Type whose
    parameters can't be read is one without any; Django would fail before anything could answer.
    """

    def _set_content_type_params(self, meta: dict[str, Any]) -> None:
        told = meta.get("CONTENT_TYPE", "")
        try:
            self.content_type, self.content_params = parse_header_parameters(told)
        except UNREADABLE:
            # For the reading of forms, too, which parses it once more.
            meta["CONTENT_TYPE"] = told.partition(";")[0]
            self.content_type = meta["CONTENT_TYPE"].strip().lower()
            self.content_params = {}

    def parse_file_upload(self, META: Any, post_data: Any) -> Any:  # noqa: N803 - Django's name
        """As Django's, which answers a ValueError in the header of a part, but not a TypeError."""
        try:
            return super().parse_file_upload(META, post_data)
        except TypeError as error:
            raise MultiPartParserError("The header of a part can't be read.") from error


def wsgi_application() -> WSGIHandler:
    """What a WSGI server calls."""
    application = get_wsgi_application()
    application.request_class = Request
    return application
