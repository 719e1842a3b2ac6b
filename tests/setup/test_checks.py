from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.core import checks as framework
from django.db import connection

from features import checks


def ids(problems):
    return [problem.id for problem in problems]


def test_check_pipeline_status_without_handler_is_named(settings):
    settings.PIPELINE_STEPS = {
        status: "builtins.len" for status in settings.PIPELINE_STEPS if status != "review"
    }

    problems = checks.check_pipeline(None)

    assert [(p.id, p.msg) for p in problems] == [
        ("features.E001", "PIPELINE_STEPS has no handler for the status review.")
    ]


@pytest.mark.parametrize("path", ["agents.nowhere.run", "agents.contracts.NOT_THERE", "os.sep"])
def test_check_pipeline_handler_that_cannot_be_called_is_named(settings, path):
    settings.PIPELINE_STEPS = dict.fromkeys(settings.PIPELINE_STEPS, "builtins.len") | {"review": path}

    assert ids(checks.check_pipeline(None)) == ["features.E002"]


def test_check_pipeline_handler_for_a_status_without_work_is_named(settings):
    settings.PIPELINE_STEPS = dict.fromkeys(settings.PIPELINE_STEPS, "builtins.len") | {
        "done": "builtins.len"
    }

    assert ids(checks.check_pipeline(None)) == ["features.E002"]


def test_check_pipeline_of_the_product_is_whole():
    assert checks.check_pipeline(None) == []


def test_check_times_call_longer_than_step_is_named(settings):
    settings.AGENT_DEADLINE_SECONDS = settings.STEP_SECONDS

    assert ids(checks.check_times(None)) == ["features.E003"]


def test_check_times_one_agents_call_longer_than_step_is_named(settings):
    settings.AGENT_CATALOG = settings.AGENT_CATALOG | {"ba": {"model": "m", "deadline_seconds": 9_999}}

    assert ids(checks.check_times(None)) == ["features.E003"]


def test_check_times_redelivery_before_the_step_ends_is_named(settings):
    settings.Q_CLUSTER = settings.Q_CLUSTER | {"retry": settings.STEP_SECONDS}

    assert ids(checks.check_times(None)) == ["features.E004"]


def test_check_times_hint_before_watchdog_is_named(settings):
    settings.HINT_SECONDS = settings.WATCHDOG_SECONDS

    assert ids(checks.check_times(None)) == ["features.E005"]


def test_check_times_of_the_product_nest():
    assert checks.check_times(None) == []


def test_check_queue_version_other_than_the_tested_one_is_named(monkeypatch):
    monkeypatch.setattr(checks, "DJANGO_Q2", "0.0.1")

    assert ids(checks.check_queue_version(None)) == ["features.E006"]


def test_check_queue_version_is_installed_and_pinned():
    requirements = Path(django_settings.BASE_DIR, "requirements")

    assert checks.check_queue_version(None) == []
    assert f"django-q2=={checks.DJANGO_Q2}\n" in (requirements / "base.in").read_text()
    assert f"django-q2=={checks.DJANGO_Q2} " in (requirements / "base.txt").read_text()


@pytest.mark.django_db
def test_check_role_bound_by_row_level_security_passes():
    assert checks.check_role(None, databases=["default"]) == []


@pytest.mark.django_db
@pytest.mark.parametrize("role", ["bp_ops", "nobody_has_this_name"])
def test_check_role_that_bypasses_or_is_missing_is_named(monkeypatch, role):
    monkeypatch.setattr(checks, "ROLE", role)

    expected = ["features.E007"] if connection.vendor == "postgresql" else []
    assert ids(checks.check_role(None, databases=["default"])) == expected


@pytest.mark.parametrize("check", [checks.check_pipeline, checks.check_times, checks.check_queue_version])
def test_checks_are_registered(check):
    assert check in framework.registry.registry.get_checks()


def test_check_role_is_registered_for_the_database_alone():
    assert checks.check_role.tags == (framework.Tags.database,)
