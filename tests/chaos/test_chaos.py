"""The short form; the long one is `make chaos`."""

import subprocess
import sys

import pytest
from django.conf import settings
from django.db import connection

MOST_SECONDS = 300  # on a busy machine; alone about 35


@pytest.mark.django_db  # asks for nothing, but runs on both databases
@pytest.mark.skipif(sys.platform != "linux", reason="looks at processes in /proc")
def test_chaos_short_form_loses_nothing_doubles_nothing_and_leaves_nothing_standing():
    ended = subprocess.run(
        [sys.executable, "-m", "tests.chaos", "--database", connection.vendor],
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        timeout=MOST_SECONDS,
    )

    assert ended.returncode == 0, ended.stderr[-6000:]
