from django.db import migrations

from buildpractical.lib.rls.policies import policy, postgres_only

# The one read of bp_app across workspaces: engine columns of active features, no titles, no texts.
COLUMNS = (
    "id, workspace_id, status, version, lease_token, lease_until, attempts, requeues, progress_at, wake_at, "
    "stop_requested_at"
)
TYPED = (
    "id bigint, workspace_id bigint, status varchar, version integer, lease_token varchar, "
    "lease_until timestamptz, attempts smallint, requeues smallint, progress_at timestamptz, wake_at timestamptz, "
    "stop_requested_at timestamptz"
)
ACTIVE = (
    "'spec_generating', 'spec_approved', 'plan_generating', 'plan_approved', 'tests_generating', "
    "'tests_approved', 'implementing', 'review'"
)
WORKLIST = f"""
CREATE FUNCTION features_worklist(only_id bigint) RETURNS TABLE ({TYPED})
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
SELECT {", ".join("f." + c for c in COLUMNS.split(", "))} FROM features_feature f
WHERE f.status IN ({ACTIVE}) AND (only_id IS NULL OR f.id = only_id) $$;
REVOKE ALL ON FUNCTION features_worklist(bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION features_worklist(bigint) TO bp_app, bp_ops;
"""


class Migration(migrations.Migration):
    dependencies = [("features", "0001_initial"), ("accounts", "0002_rls")]

    operations = [
        *(
            policy(f"features_{table}")
            for table in ("feature", "document", "artifact", "transition", "event")
        ),
        postgres_only(WORKLIST, "DROP FUNCTION features_worklist(bigint);"),
    ]
