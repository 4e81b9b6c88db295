"""Tie every row of knowledge to one tenant, with whatever it points at."""

from django.db import migrations

from tenants.migration_operations import TenantKeys

# Documents and versions point at each other, so one of the two keys follows by itself.
_CURRENT_VERSION = """
ALTER TABLE knowledge_document ADD CONSTRAINT knowledge_document_tenant_current_version
    FOREIGN KEY (tenant_id, current_version_id)
    REFERENCES knowledge_documentversion (tenant_id, id) DEFERRABLE INITIALLY DEFERRED
"""
_NO_CURRENT_VERSION = """
ALTER TABLE knowledge_document DROP CONSTRAINT knowledge_document_tenant_current_version
"""


class Migration(migrations.Migration):
    dependencies = [("knowledge", "0001_initial"), ("tenants", "0002_tenant_keys")]

    operations = [
        TenantKeys("source"),
        TenantKeys("embeddingspace"),
        TenantKeys("document", ["source", "job"]),
        TenantKeys("documentversion", ["document"]),
        migrations.RunSQL(_CURRENT_VERSION, _NO_CURRENT_VERSION),
        TenantKeys("chunk", ["document"]),
        TenantKeys("chunkvector", ["chunk", "space", "source"]),
        TenantKeys("term", ["space"]),
        TenantKeys("termdelta", ["space"]),
    ]
