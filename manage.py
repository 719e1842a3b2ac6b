#!/usr/bin/env python3
import os
import sys

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "buildpractical.settings")
    if not {"web", "qcluster", "runserver"} & set(sys.argv[1:2]):
        # Operators' commands see all workspaces; what serves people does not (PostgreSQL, jobs.md §8).
        os.environ.setdefault("DATABASE_ROLE", "ops")
    from django.core.management import execute_from_command_line

    from buildpractical.env import EnvError

    try:
        execute_from_command_line(sys.argv)
    except EnvError as error:
        sys.exit(f"A setting in the environment cannot be used: {error}")
