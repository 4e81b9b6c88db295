"""Real files of every kind, made here: good ones and all the bad ones."""

import io
import struct
import zipfile
import zlib

from fpdf import FPDF
from fpdf.enums import AccessPermission

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
CONTENT_TYPES = '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>'
STYLES = f"""<w:styles {W}>
<w:style w:type="paragraph" w:styleId="berschrift1"><w:name w:val="heading 1"/></w:style>
<w:style w:type="paragraph" w:styleId="berschrift2"><w:name w:val="heading 2"/></w:style>
</w:styles>"""


class Handbook(FPDF):
    """With a running header and page numbers, as handbooks have."""

    total = 0

    def header(self):
        self.set_font("helvetica", size=9)
        self.cell(0, 8, "The Acme Handbook")
        self.ln(10)

    def footer(self):
        self.set_y(-15)
        self.set_font("helvetica", size=9)
        self.cell(0, 8, f"Page {self.page_no()} of {self.total}")


def pdf(pages=1, *, password="", marker="marker"):
    """A handbook: a chapter every ten pages, a section on each, a word that only one page has."""
    book = Handbook()
    book.total = pages
    for number in range(1, pages + 1):
        book.add_page()
        if number % 10 == 1:
            _line(book, 22, f"Chapter {number // 10 + 1}")
        _line(book, 15, f"Section {number}")
        book.set_font("helvetica", size=11)
        for _ in range(3):
            book.multi_cell(0, 6, "Requests for leave go to the team lead in good time. " * 8)
            book.ln(3)
        book.multi_cell(0, 6, f"Only this page has the word {marker}{number}.")
    if password:
        book.set_encryption("owner", password, permissions=AccessPermission.none())
    return bytes(book.output())


def _line(book, size, text):
    book.set_font("helvetica", "B", size)
    book.cell(0, size * 0.6, text)
    book.ln(size * 0.7)


def picture_pdf():
    """A page that shows a picture of text and has no letter of it."""
    book = FPDF()
    book.add_page()
    book.image(io.BytesIO(png()), x=20, y=20, w=100)
    return bytes(book.output())


def blank_pdf():
    book = FPDF()
    book.add_page()
    return bytes(book.output())


def png():
    def part(kind, data):
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    rows = b"".join(b"\x00" + bytes([shade % 256] * 32) for shade in range(32))
    head = struct.pack(">IIBBBBB", 32, 32, 8, 0, 0, 0, 0)
    pixels = zlib.compress(rows)
    return b"\x89PNG\r\n\x1a\n" + part(b"IHDR", head) + part(b"IDAT", pixels) + part(b"IEND", b"")


def docx(*paragraphs, body=None, styles=STYLES, prologue="", extra=()):
    """Paragraphs: text, or (text, style id)."""
    if body is None:
        body = "".join(_paragraph(given) for given in paragraphs)
    document = f"{prologue}<w:document {W}><w:body>{body}</w:body></w:document>"
    parts = {"[Content_Types].xml": CONTENT_TYPES, "word/document.xml": document, **dict(extra)}
    if styles:
        parts["word/styles.xml"] = styles
    return archive(parts)


def _paragraph(given):
    text, style = given if isinstance(given, tuple) else (given, "")
    properties = f'<w:pPr><w:pStyle w:val="{style}"/></w:pPr>' if style else ""
    return f"<w:p>{properties}<w:r><w:t>{text}</w:t></w:r></w:p>"


def archive(parts):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in parts.items():
            package.writestr(name, content)
    return file.getvalue()


def entity_docx():
    """Asks for a file of the server, the classic attack on XML readers."""
    prologue = '<!DOCTYPE d [<!ENTITY secret SYSTEM "file:///etc/passwd">]>'
    return docx("Hello &secret;", prologue=prologue)


def billion_laughs_docx():
    entities = '<!ENTITY a0 "ha">' + "".join(
        f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10)
    )
    return docx("&a9;", prologue=f"<!DOCTYPE d [{entities}]>")


def bomb_docx(megabytes):
    """A few kilobytes that unpack to very many."""
    return docx(body=f"<w:p><w:r><w:t>{' ' * megabytes * 1_000_000}</w:t></w:r></w:p>")


def crowded_docx(members):
    return docx("Hello", extra=[(f"word/media/{n}", "") for n in range(members)])


def deep_docx(depth):
    return docx(body=f"{'<w:p>' * depth}{'</w:p>' * depth}")


def lying_docx(megabytes):
    """Claims in its directory that a large part is a small one."""
    data = bytearray(bomb_docx(megabytes))
    size = struct.pack("<I", len(_document_of(bytes(data))))
    return bytes(data.replace(size, struct.pack("<I", 100)))


def _document_of(data):
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        return package.read("word/document.xml")


def encrypted_office_file():
    """What Word writes for a document with a password: an OLE file around the real one."""
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504) + "EncryptedPackage".encode("utf-16-le")


HTML = """<!doctype html><html><head><title>Leave at Acme</title>
<script>var tracking = "do not read this";</script><style>p { color: red }</style></head>
<body><nav><a href="/">Home</a> <a href="/jobs">Careers page</a></nav>
<header><p>Acme intranet</p></header>
<main><h1>Leave</h1><p>Everybody has <b>thirty days</b> of leave a year.</p>
<h2>Parental leave</h2><p>Parents have sixteen weeks.</p>
<ul><li>Tell your lead</li><li>Fill in the form</li></ul>
<table><tr><th>Years</th><th>Days</th></tr><tr><td>5</td><td>32</td></tr></table>
<p hidden>A hidden remark</p><pre>line one
  line two</pre>
<p>It is agreed with the team lead, at the latest four weeks before it begins, in writing, so that
somebody else can take over what has to be done in the meantime.</p></main>
<footer>Copyright Acme</footer></body></html>"""

MARKDOWN = """# Travel

Costs are paid back **within a month**.

## Trains

- Second class
- First class above four hours

```python
# not a heading
print("ticket")
```

| From | To |
|------|----|
| Berlin | Bonn |
"""
