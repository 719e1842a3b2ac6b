from django.db import migrations

from buildpractical.lib.rls.policies import policy


class Migration(migrations.Migration):
    dependencies = [("agents", "0001_initial"), ("accounts", "0002_rls")]

    operations = [*(policy(f"agents_{table}") for table in ("agentrun",))]
