"""PostgreSQL backend that tells each transaction who is acting (ENGINE = "buildpractical.lib.rls")."""

from django.db.backends.postgresql import base

from buildpractical.lib.tenancy import current_user, current_workspace


class DatabaseWrapper(base.DatabaseWrapper):
    """Django's wrapper, plus `app.user_id` and `app.workspace_id` in each outermost transaction."""

    def set_autocommit(self, autocommit, **kwargs):
        was = self.autocommit
        super().set_autocommit(autocommit, **kwargs)
        if was and not autocommit:  # the outermost atomic() begins
            self.apply_tenant()

    def apply_tenant(self):
        """Write both ids for this transaction only; nothing set means no tenant row is visible."""
        ids = ["" if value is None else str(int(value)) for value in (current_user(), current_workspace())]
        with self.cursor() as cursor:
            cursor.execute(
                "SELECT set_config('app.user_id', %s, true), set_config('app.workspace_id', %s, true)", ids
            )
