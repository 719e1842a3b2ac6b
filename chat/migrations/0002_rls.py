from django.db import migrations

from buildpractical.lib.rls.policies import policy, postgres_only

# bp_app's one read of messages across workspaces: ids of answers whose process is gone, no texts.
EXPIRED = """
CREATE FUNCTION chat_expired(at timestamptz) RETURNS TABLE (id bigint, workspace_id bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
SELECT m.id, m.workspace_id FROM chat_message m WHERE m.state = 'streaming' AND m.lease_until < at $$;
REVOKE ALL ON FUNCTION chat_expired(timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION chat_expired(timestamptz) TO bp_app, bp_ops;
"""


class Migration(migrations.Migration):
    dependencies = [("chat", "0001_initial"), ("accounts", "0002_rls")]

    operations = [
        *(policy(f"chat_{table}") for table in ("message", "draft")),
        postgres_only(EXPIRED, "DROP FUNCTION chat_expired(timestamptz);"),
    ]
