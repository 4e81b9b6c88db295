"""How the rows that search reads are kept."""

from django.db import migrations

# Rows of the widest passages stay in their page, and new rows are soon known as visible to all,
# without which an index is never read alone.
_VECTORS = """
ALTER TABLE knowledge_chunkvector SET (
    toast_tuple_target = 4080,
    autovacuum_vacuum_insert_threshold = 2000,
    autovacuum_vacuum_insert_scale_factor = 0.02,
    autovacuum_vacuum_scale_factor = 0.05
)
"""
_VECTORS_BEFORE = """
ALTER TABLE knowledge_chunkvector RESET (
    toast_tuple_target,
    autovacuum_vacuum_insert_threshold,
    autovacuum_vacuum_insert_scale_factor,
    autovacuum_vacuum_scale_factor
)
"""
# Counts change often: with room in its page, a changed row needs no new index entries.
_TERMS = "ALTER TABLE knowledge_term SET (fillfactor = 50)"
_TERMS_BEFORE = "ALTER TABLE knowledge_term RESET (fillfactor)"


class Migration(migrations.Migration):
    dependencies = [("knowledge", "0002_tenant_keys")]

    operations = [
        migrations.RunSQL(_VECTORS, _VECTORS_BEFORE),
        migrations.RunSQL(_TERMS, _TERMS_BEFORE),
    ]
