"""Bad files end with a cause that a person understands; the worker lives."""

import gzip

import pytest

from knowledge.extraction import causes
from knowledge.extraction.blocks import Limits, Unreadable
from tests.knowledge import made_files


@pytest.fixture
def cause(read):
    """The code and the sentence with which reading this file ends."""

    def why(data, name="report.pdf", **limits):
        with pytest.raises(Unreadable) as caught:
            read(data, limits=Limits(**limits))
        return caught.value.code, causes.sentence(caught.value, name)

    return why


def test_a_pdf_with_a_password(cause):
    code, sentence = cause(made_files.pdf(password="geheim"))

    assert code == "password_protected"
    assert sentence.startswith("This PDF is protected by a password.")


def test_a_word_document_with_a_password(cause):
    code, sentence = cause(made_files.encrypted_office_file(), "plan.docx")

    assert code == "password_protected"
    assert sentence.startswith("This Word document is protected by a password.")


@pytest.mark.parametrize(
    "data",
    [b"", b" \n\n ", b"\xef\xbb\xbf", made_files.blank_pdf(), made_files.docx(""),
     b"<html><body> </body></html>", b"<!doctype html>"],
    ids=["no byte", "spaces", "a mark", "a blank page", "a Word file", "a web page", "less"],
)  # fmt: skip
def test_a_file_without_content(cause, data):
    code, sentence = cause(data)

    assert code == "empty"
    assert "nothing in it to read" in sentence


def test_a_pdf_of_pictures(cause):
    code, sentence = cause(made_files.picture_pdf())

    assert code == "image_only"
    assert "contains only pictures; Roster does not read text out of pictures yet" in sentence


@pytest.mark.parametrize("share", [0.2, 0.5, 0.95])
def test_a_pdf_that_is_cut_off(cause, share):
    whole = made_files.pdf(pages=5)

    code, sentence = cause(whole[: int(len(whole) * share)])

    assert code == "truncated"
    assert sentence.startswith("This file is cut off")


def test_a_word_document_that_is_cut_off(cause):
    whole = made_files.docx("Hello")

    assert cause(whole[: len(whole) // 2])[0] == "truncated"


def test_a_pdf_that_is_damaged(cause):
    code, sentence = cause(b"%PDF-1.7\n" + b"nonsense " * 100 + b"\nstartxref\n9\n%%EOF")

    assert code == "damaged"
    assert "Open it, save it anew" in sentence


def test_a_word_document_that_is_damaged(cause):
    assert cause(made_files.docx(body="<w:p><w:r>"))[0] == "damaged"


def test_a_program_that_is_named_like_a_pdf(cause):
    code, sentence = cause(b"MZ\x90\x00\x03" + bytes(200), "invoice.pdf")

    assert code == "unsupported"
    assert sentence.startswith("Its name says that this is a PDF, but it is a Windows program.")
    assert "Roster reads PDF, Word (.docx)" in sentence


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (made_files.archive({"notes.txt": "hi"}), "a ZIP archive"),
        (made_files.archive({"xl/workbook.xml": "<x/>"}), "an Excel workbook"),
        (made_files.png(), "a PNG picture"),
        (gzip.compress(b"hello"), "a gzip archive"),
        (b"{\\rtf1 hello}", "a rich text file (.rtf)"),
        (bytes(range(256)) * 4, "a file of an unknown kind"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_file_of_another_kind_is_called_what_it_is(cause, data, found):
    code, sentence = cause(data, "notes")

    assert code == "unsupported"
    assert sentence.startswith(f"This is {found}.")


def test_letters_that_can_not_be_told(cause):
    assert cause("Привет, как дела сегодня".encode("koi8-r"), "a.txt")[0] == "unknown_encoding"


def test_a_mislabelled_file_that_can_be_read_is_read(read):
    assert read(made_files.pdf()).page_count == 1
    assert read(b"just text").media_type == "text/plain"


# ── Bombs ─────────────────────────────────────────────────────────────────────────────────────


def test_too_many_pages(cause):
    code, sentence = cause(made_files.pdf(pages=6), pages=5)

    assert code == "too_large"
    assert "it has 6 pages, more than 5" in sentence


@pytest.mark.parametrize(
    "data",
    [made_files.pdf(pages=3), b"word " * 300, made_files.docx("word " * 300),
     made_files.HTML.encode(), made_files.MARKDOWN.encode()],
    ids=["pdf", "text", "word", "html", "markdown"],
)  # fmt: skip
def test_too_much_text(cause, data):
    assert cause(data, characters=100)[0] == "too_large"


@pytest.mark.parametrize("made", [made_files.bomb_docx, made_files.lying_docx])
def test_a_few_kilobytes_that_unpack_to_very_many(cause, made):
    assert cause(made(12), decoded_bytes=10_000_000)[0] in ("too_large", "damaged")


def test_a_bomb_of_full_size_is_stopped_by_the_real_limits(cause):
    assert cause(made_files.bomb_docx(150))[0] == "too_large"


def test_too_many_parts(cause):
    assert cause(made_files.crowded_docx(60), zip_members=50)[0] == "too_large"


@pytest.mark.parametrize("made", [made_files.entity_docx, made_files.billion_laughs_docx])
def test_entities_are_not_expanded(cause, made):
    assert cause(made())[0] == "damaged"


def test_xml_nested_too_deeply(cause):
    assert cause(made_files.deep_docx(5_000))[0] == "damaged"


def test_a_web_page_nested_without_end(cause):
    assert cause(b"<html><body>" + b"<div>" * 100_000 + b"deep down")[0] == "damaged"


def test_a_file_that_takes_too_long(cause):
    code, sentence = cause(made_files.pdf(pages=40), wall_seconds=0.01)

    assert code == "timeout"
    assert "took too long" in sentence


def test_a_file_that_needs_too_much_memory(cause):
    assert cause(made_files.bomb_docx(90), memory_bytes=200 * 1024 * 1024)[0] == "too_large"


def test_every_code_has_a_sentence():
    for code in causes._SENTENCES:
        assert causes.sentence(Unreadable(code), "a.pdf").endswith(".")
