"""UPDATE … RETURNING, which the ORM has for inserts only."""

from django.db.models.sql import UpdateQuery


def update_returning(queryset, **values):
    """Update the rows and return them as they are now; one statement.

    values: as for update(), of this table's own columns.
    """
    query = queryset.query.chain(UpdateQuery)
    query.add_update_values(values)
    sql, params = query.get_compiler(queryset.db).as_sql()
    return list(queryset.model._base_manager.using(queryset.db).raw(f"{sql} RETURNING *", params))
