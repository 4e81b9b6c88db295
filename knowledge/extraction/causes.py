"""Why a file could not be read, as sentences for the person who gave it."""

from __future__ import annotations

from pathlib import PurePath

from knowledge.extraction.blocks import Unreadable

READABLE = "Roster reads PDF, Word (.docx), HTML, Markdown and plain text."

_SENTENCES = {
    "password_protected": (
        "This {detail} is protected by a password. Save a copy without the password and upload"
        " that."
    ),
    "empty": "This file has no content: there is nothing in it to read.",
    "image_only": (
        "This PDF contains only pictures; Roster does not read text out of pictures yet. Upload a"
        " version with recognised text."
    ),
    "truncated": ("This file is cut off: its end is missing. Upload it again from the original."),
    "damaged": "This file is damaged and can't be read. Open it, save it anew and upload that.",
    "unknown_encoding": (
        "The letters of this text are stored in an old way that can't be told apart. Save it as"
        " UTF-8 and upload that."
    ),
    "too_large": "This file is too large: it has {detail}. Split it and upload the parts.",
    "timeout": (
        "Reading this file took too long and was stopped. Save it anew in a simpler form, or split"
        " it."
    ),
}
_CLAIMS = {
    ".pdf": "a PDF",
    ".docx": "a Word document",
    ".html": "a web page",
    ".htm": "a web page",
    ".md": "a Markdown file",
    ".txt": "a text file",
}


def sentence(why: Unreadable, file_name: str) -> str:
    """The cause in one or two sentences: what is wrong, and what to do."""
    if why.code != "unsupported":
        return _SENTENCES.get(why.code, _SENTENCES["damaged"]).format(detail=why.detail or "file")
    found = why.detail or "a file of an unknown kind"
    claim = _CLAIMS.get(PurePath(file_name).suffix.lower())
    if claim:
        return f"Its name says that this is {claim}, but it is {found}. {READABLE}"
    return f"This is {found}. {READABLE}"
