"""Row-level security as migration operations; on SQLite they do nothing."""

from django.db import migrations

SETTING = "(SELECT NULLIF(current_setting('app.{}', true), '')::bigint)"
ME, WORKSPACE = SETTING.format("user_id"), SETTING.format("workspace_id")


def postgres_only(forward, backward):
    """Return a migration operation that runs the SQL on PostgreSQL and nothing elsewhere."""

    def run(sql):
        def apply(apps, schema_editor):
            if schema_editor.connection.vendor == "postgresql" and sql:
                schema_editor.execute(sql, params=None)

        return apply

    return migrations.RunPython(run(forward), run(backward))


def policy(table, *, using=f"workspace_id = {WORKSPACE}", check=None):
    """Return the operation that lets a tenant table show and take only rows of the acting workspace.

    using: condition for rows that may be seen. check: for rows that may be written; the same by default.
    """
    return postgres_only(
        f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY; ALTER TABLE {table} FORCE ROW LEVEL SECURITY;"
        f"CREATE POLICY {table}_tenant ON {table} USING ({using}) WITH CHECK ({check or using});",
        f"DROP POLICY {table}_tenant ON {table}; ALTER TABLE {table} DISABLE ROW LEVEL SECURITY;",
    )
