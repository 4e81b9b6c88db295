"""The database refuses to change audit events, and to remove them but with their tenant.

`SET LOCAL roster.removing_tenant = '<id>'` is how the one who deletes a tenant says so. TRUNCATE
is not refused: it is how tests empty the database.
"""

from django.db import migrations

GUARD = """
CREATE FUNCTION tenants_auditevent_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' AND OLD.tenant_id::text = current_setting('roster.removing_tenant', true) THEN
    RETURN OLD;
  END IF;
  RAISE EXCEPTION 'Audit events are never changed or removed.' USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER tenants_auditevent_guard BEFORE UPDATE OR DELETE ON tenants_auditevent
  FOR EACH ROW EXECUTE FUNCTION tenants_auditevent_guard();
"""
NO_GUARD = """
DROP TRIGGER tenants_auditevent_guard ON tenants_auditevent;
DROP FUNCTION tenants_auditevent_guard();
"""


class Migration(migrations.Migration):
    dependencies = [("tenants", "0013_audit_rechain")]

    operations = [migrations.RunSQL(GUARD, NO_GUARD)]
