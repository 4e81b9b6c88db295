"""An event states facts, which stay when persons, keys and objects go, and says more of them."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

KEY = "tenants_auditevent_tenant_key"
TIED_TO_KEYS = f"""
ALTER TABLE tenants_auditevent ADD CONSTRAINT {KEY} FOREIGN KEY (tenant_id, key_id)
  REFERENCES tenants_apikey (tenant_id, id) DEFERRABLE INITIALLY DEFERRED
"""


class Migration(migrations.Migration):
    dependencies = [("tenants", "0011_audit_head")]

    operations = [
        migrations.RunSQL(f"ALTER TABLE tenants_auditevent DROP CONSTRAINT {KEY}", TIED_TO_KEYS),
        migrations.AlterField("auditevent", "key", models.UUIDField(null=True, db_column="key_id")),
        migrations.RenameField("auditevent", "key", "key_id"),
        migrations.AlterField("auditevent", "key_id", models.UUIDField(null=True)),
        migrations.AlterField(
            "auditevent",
            "actor",
            models.ForeignKey(
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AlterField("auditevent", "created_at", models.DateTimeField(editable=False)),
        migrations.RemoveField("auditevent", "updated_at"),
        migrations.AddField(
            "auditevent", "about_type", models.CharField(blank=True, max_length=60)
        ),
        migrations.AddField("auditevent", "about_id", models.UUIDField(null=True)),
        migrations.AddField(
            "auditevent",
            "is_restricted",
            models.BooleanField(default=False, help_text="That object was, then."),
        ),
        migrations.AddField("auditevent", "address", models.CharField(blank=True, max_length=45)),
        migrations.AddIndex(
            "auditevent",
            models.Index(fields=["tenant", "-created_at", "-id"], name="audit_by_time"),
        ),
        migrations.AddIndex(
            "auditevent", models.Index(fields=["tenant", "about_id"], name="audit_by_shared")
        ),
        migrations.AddIndex(
            "auditevent",
            models.Index(fields=["tenant", "actor", "-created_at"], name="audit_by_actor"),
        ),
    ]
