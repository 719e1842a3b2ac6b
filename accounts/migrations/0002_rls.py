from django.db import migrations

from buildpractical.lib.rls.policies import ME, WORKSPACE, policy, postgres_only

GRANTS = """
GRANT USAGE ON SCHEMA public TO bp_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO bp_app;
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO bp_app;
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO bp_app;
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO bp_app;
REVOKE ALL ON accounts_sealedvalue FROM bp_app;
GRANT INSERT, DELETE ON accounts_sealedvalue TO bp_app;
GRANT SELECT (secret_id, workspace_id, key_id) ON accounts_sealedvalue TO bp_app;
REVOKE UPDATE, DELETE ON accounts_auditentry FROM bp_app;
REVOKE UPDATE, DELETE ON accounts_ringcheck FROM bp_app;
"""
REVOKES = """
ALTER DEFAULT PRIVILEGES IN SCHEMA public REVOKE ALL ON TABLES FROM bp_app;
ALTER DEFAULT PRIVILEGES IN SCHEMA public REVOKE ALL ON SEQUENCES FROM bp_app;
REVOKE ALL ON ALL TABLES IN SCHEMA public FROM bp_app;
REVOKE ALL ON ALL SEQUENCES IN SCHEMA public FROM bp_app;
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial")]

    operations = [
        postgres_only(GRANTS, REVOKES),
        policy(
            "accounts_membership",
            using=f"user_id = {ME} OR workspace_id = {WORKSPACE}",
            check=f"workspace_id = {WORKSPACE}",
        ),
        policy(
            "accounts_workspace",
            using=f"id = {WORKSPACE} OR id IN (SELECT m.workspace_id FROM accounts_membership m WHERE m.user_id = {ME})",
            check=f"id = {WORKSPACE}",
        ),
        policy("accounts_secret"),
        policy("accounts_sealedvalue"),
        # An act before sign-in belongs to no workspace: it may be written, and is seen by operators only.
        policy("accounts_auditentry", check=f"workspace_id IS NULL OR workspace_id = {WORKSPACE}"),
    ]
