"""Sources and what they hold."""

import factory
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile

from knowledge import services
from knowledge.indexing import INGEST
from knowledge.models import Document, DocumentVersion, Source
from tenants.jobs import perform
from tests.factories.tenants import OwnedFactory


class SourceFactory(OwnedFactory):
    class Meta:
        model = Source

    name = factory.Sequence(lambda n: f"Source {n}")
    description = "What the team wrote down."


class DocumentFactory(OwnedFactory):
    """A document that waits to be read; `indexed` makes one that is found."""

    class Meta:
        model = Document

    source = factory.SubFactory(SourceFactory, tenant=factory.SelfAttribute("..tenant"))
    name = factory.Sequence(lambda n: f"document-{n}.txt")
    media_type = "text/plain"
    byte_size = 20


class DocumentVersionFactory(OwnedFactory):
    class Meta:
        model = DocumentVersion

    document = factory.SubFactory(DocumentFactory, tenant=factory.SelfAttribute("..tenant"))
    file = factory.LazyFunction(lambda: ContentFile(b"Some words to read.", name="words"))


def upload(access, source, *files):
    """Upload `(name, bytes)` pairs; their documents, not read yet."""
    given = [SimpleUploadedFile(name, data) for name, data in files]
    return [upload.document for upload in services.upload_documents(access, source, given)]


def indexed(access, source, *files):
    """Upload `(name, bytes or text)` pairs and read them; their documents, ready or failed."""
    documents = upload(
        access,
        source,
        *((name, data.encode() if isinstance(data, str) else data) for name, data in files),
    )
    for document in documents:
        work(document)
        document.refresh_from_db()
    return documents


def work(document):
    """Do the document's job, as a worker would."""
    perform(document.job_id, INGEST)
