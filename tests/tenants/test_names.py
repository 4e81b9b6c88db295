"""Signs that nobody sees stay out of names; those that writing needs stay in."""

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile

from knowledge import services as knowledge
from knowledge.models import Document
from tenants import services
from tenants.models import Role, Secret, User, names
from tests.factories.knowledge import SourceFactory
from tests.factories.tenants import SecretFactory

pytestmark = pytest.mark.django_db

HIDDEN = [
    *("\x00", "\t", "\n", "\r", "\x1b", "\x7f", "\x85", "\x9f", "\u2028", "\u2029", "\u061c"),
    *("\u200e", "\u200f", "\u202a", "\u202b", "\u202c", "\u202d", "\u202e"),
    *("\u2066", "\u2067", "\u2068", "\u2069", "\u206a", "\u206f"),
    *("\u00ad", "\u034f", "\u115f", "\u180e", "\u200b", "\u200c", "\u200d", "\u2060", "\u2064"),
    *("\u3164", "\ufeff", "\uffa0", "\ufffb", "\U0001d173"),
]
NOTHING = ["\u200d", "\u200d\u200d", "\ufe0f", "\ufe0f\u200d", "\U000e0067\U000e007f"]
READ = [
    "Müller & Söhne – “Ünïcode”",
    "مساعد العملاء",
    "נציג שירות 24/7",
    "می‌خواهم",  # with U+200C
    "👩‍💻 coder",  # with U+200D
    "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",  # with tags
    "客服助手",
    "a\u00a0b",
    "❤️‍🔥 1️⃣ 🏳️‍🌈",  # with U+FE0F before U+200D, and after a digit
    "葛\U000e0100城",  # with a selector of an ideograph's look
    "क्‍ष",  # with U+200D after a virama
]


HIDDEN_HERE = [
    "Owner\ufe0f",
    "Owner1\ufe0f",
    "Ow\u200dner",
    "客\u200d服",
    "客\ufe0f服",
    "Own\U000e0100er",
    "Refunds\U000e0069\U000e0067\U000e006e",
    "🏴" + "\U000e0061" * 30 + "\U000e007f",
    "❤\ufe0f\ufe0f",
]


@pytest.mark.parametrize("name", HIDDEN_HERE, ids=ascii)
def test_what_writing_needs_elsewhere_is_hidden_here(name):
    with pytest.raises(ValidationError, match="invisible character"):
        names.refuse_hidden(name)

    names.refuse_hidden(names.without_hidden(name))


@pytest.mark.parametrize("sign", HIDDEN, ids=lambda sign: f"U+{ord(sign):04X}")
def test_a_hidden_sign_is_refused_by_its_number(sign):
    with pytest.raises(ValidationError, match=f"invisible character U\\+{ord(sign):04X}"):
        names.refuse_hidden(f"Cle{sign}rk")


@pytest.mark.parametrize("name", NOTHING, ids=ascii)
def test_a_name_of_nothing_that_is_seen_is_none(name):
    with pytest.raises(ValidationError, match="invisible character"):
        names.refuse_hidden(name)


@pytest.mark.parametrize("name", READ)
def test_what_writing_needs_is_a_name(api, editor, name):
    names.refuse_hidden(name)

    answer = api(editor).post("/knowledge", {"name": name})

    assert (answer.status_code, answer.json()["name"]) == (201, name)


def test_no_way_of_making_a_row_goes_around_it(tenant):
    with pytest.raises(ValidationError):
        SecretFactory(tenant=tenant, name="To\u202eken")
    with pytest.raises(ValidationError):
        User.objects.create_user("new@example.org", name="Ol\u2066ga")


def test_a_row_that_had_such_a_name_before_can_be_renamed(access, owner, tenant):
    secret = SecretFactory(tenant=tenant)
    Secret.unscoped.update(name="To\u202eken")
    secret.refresh_from_db()

    services.replace_secret(access(owner), secret, name="Token")

    assert Secret.unscoped.get().name == "Token"


def test_a_role_keeps_to_it_by_its_service_too(access, owner, tenant):
    role = services.create_role(access(owner), label="Auditor", capabilities={"view_audit"})

    with pytest.raises(ValidationError):
        services.update_role(
            access(owner), role, label="Audi\u200ftor", capabilities={"view_audit"}
        )

    assert Role.unscoped.get(pk=role.pk).label == "Auditor"


def test_a_profile_keeps_to_it(page, viewer):
    refused = page(viewer).post("/accounts/profile/", {"name": "Vi\u202eewer", "time_zone": ""})

    assert refused.status_code == 422
    assert "invisible character U+202E" in refused.content.decode()


@pytest.mark.parametrize("lost", [*HIDDEN, *NOTHING, "\u3164\u200d", "\u200b\ufe0f"], ids=ascii)
@pytest.mark.parametrize("before", ["", "A", "👩"])
def test_what_is_left_of_a_name_can_be_kept(lost, before):
    left = names.without_hidden(f"{before}{lost * 9}.txt")

    names.refuse_hidden(left)
    assert left.startswith(before)
    assert left.endswith(".txt")


def test_any_number_of_them_is_gone_at_once():
    assert len(names.without_hidden("\ufe0f\u200d" * 200_000 + "a")) == 1


@pytest.mark.parametrize(
    "name", ["invoice\u202efdp.txt", "\u200b\ufe0finvoicefdp.txt", " \ufe0finvoicefdp.txt"]
)
def test_a_files_name_loses_them_for_nobody_types_it(access, editor, tenant, name):
    source = SourceFactory(tenant=tenant)
    file = SimpleUploadedFile(name, b"Refunds take five working days.")

    knowledge.upload_documents(access(editor), source, [file])

    assert Document.unscoped.get().name == "invoicefdp.txt"
