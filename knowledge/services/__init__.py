"""Knowledge's verbs."""

from knowledge.services.documents import (
    Upload,
    add_text,
    delete_document,
    replace_document,
    retry_document,
    upload_documents,
)
from knowledge.services.sources import create_source, delete_source, update_source

__all__ = [
    "Upload",
    "add_text",
    "create_source",
    "delete_document",
    "delete_source",
    "replace_document",
    "retry_document",
    "update_source",
    "upload_documents",
]
