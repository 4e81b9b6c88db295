"""What a file is, by its content. Neither its name nor a declared type is asked."""

from __future__ import annotations

import re

from knowledge.extraction.blocks import Unreadable

PDF = "application/pdf"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
HTML = "text/html"
MARKDOWN = "text/markdown"
PLAIN = "text/plain"
ZIP = "application/zip"

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_FOREIGN: tuple[tuple[int, bytes, str], ...] = (
    (0, b"MZ", "a Windows program"),
    (0, b"\x7fELF", "a Linux program"),
    (0, b"\xca\xfe\xba\xbe", "a compiled program"),
    (0, b"\xcf\xfa\xed\xfe", "a macOS program"),
    (0, b"\x89PNG\r\n", "a PNG picture"),
    (0, b"\xff\xd8\xff", "a JPEG picture"),
    (0, b"GIF8", "a GIF picture"),
    (0, b"II*\x00", "a TIFF picture"),
    (0, b"MM\x00*", "a TIFF picture"),
    (0, b"BM", "a bitmap picture"),
    (8, b"WEBP", "a WebP picture"),
    (4, b"ftyp", "a video or a photo"),
    (0, b"ID3", "a sound recording"),
    (0, b"OggS", "a sound recording"),
    (8, b"WAVE", "a sound recording"),
    (0, b"\x1aE\xdf\xa3", "a video"),
    (0, b"\x1f\x8b", "a gzip archive"),
    (0, b"BZh", "a bzip2 archive"),
    (0, b"\xfd7zXZ\x00", "an xz archive"),
    (0, b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"),
    (0, b"Rar!\x1a\x07", "a RAR archive"),
    (257, b"ustar", "a tar archive"),
    (0, b"SQLite format 3\x00", "a database"),
    (0, b"%!PS", "a PostScript file"),
    (0, b"{\\rtf", "a rich text file (.rtf)"),
)
_BOMS = (
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe\x00\x00", "utf-32"),
    (b"\x00\x00\xfe\xff", "utf-32"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")
_HTML_START = re.compile(
    r"\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|body|title|meta)\b",
    re.IGNORECASE | re.DOTALL,
)
_HTML_TAGS = re.compile(r"</(?:p|div|h[1-6]|table|ul|ol|section|article|body)\s*>", re.IGNORECASE)
_HEADING = re.compile(r"^#{1,6} \S", re.MULTILINE)
_MARKDOWN = re.compile(
    r"^(?:[-*+] \S|\d+\. \S|> |```|~~~|\|.*\||(?:=|-){3,}$)|\]\(\S+\)|\*\*\S|^$", re.MULTILINE
)


def media_type(data: bytes) -> str:
    """One of the types above. Raises Unreadable for what is none of them."""
    if not data.strip():
        raise Unreadable("empty")
    if data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"%PDF-"):
        return PDF
    if data.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return ZIP
    if data.startswith(_OLE):
        raise _old_office(data)
    for offset, magic, name in _FOREIGN:
        if data.startswith(magic, offset) and not _is_prose(data, magic):
            raise Unreadable("unsupported", name)
    return _text_type(data)


def _is_prose(data: bytes, magic: bytes) -> bool:
    """Whether a short magic of plain letters is only how a text begins ("BM", "MZ", "ID3")."""
    return magic.isalnum() and _CONTROL.search(data[:4096].decode("latin-1")) is None


def _old_office(data: bytes) -> Unreadable:
    if "EncryptedPackage".encode("utf-16-le") in data:
        return Unreadable("password_protected", "Word document")
    if "WordDocument".encode("utf-16-le") in data:
        return Unreadable("unsupported", "a document of Word 97 to 2003 (.doc)")
    return Unreadable("unsupported", "a file of an old Office version")


def _text_type(data: bytes) -> str:
    try:
        text = decode(data)
    except Unreadable:
        # Some programs write a few bytes before a PDF begins.
        if b"%PDF-" in data[:1024]:
            return PDF
        raise
    if _HTML_START.match(text, 0, 4096) or len(_HTML_TAGS.findall(text, 0, 65_536)) >= 3:
        return HTML
    start = text[:65_536]
    if _HEADING.search(start) and _MARKDOWN.search(start):
        return MARKDOWN
    return PLAIN


def decode(data: bytes) -> str:
    """The text of a text file. Raises Unreadable where the bytes are no text that can be told."""
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            return _decoded(data, encoding)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return _legacy(data)
    if len(_CONTROL.findall(text)) * 100 > len(text):
        raise Unreadable("unsupported", "a file of an unknown kind")
    return text


def _decoded(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise Unreadable("damaged", str(error.reason)) from error


def _legacy(data: bytes) -> str:
    """Western text from before UTF-8; anything else would only turn into wrong letters."""
    text = data.decode("latin-1")
    if _CONTROL.search(text):
        raise Unreadable("unsupported", "a file of an unknown kind")
    beyond_ascii = sum(byte >= 0x80 for byte in data[:65_536])
    if beyond_ascii * 3 > len(data[:65_536]):
        raise Unreadable("unknown_encoding")
    return data.decode("cp1252", errors="replace")
