import pytest
from django.utils.module_loading import import_string

from accounts.actions import save_key
from accounts.models import Secret
from agents.simulator.brains.scripted import Scripted
from agents.simulator.server import running
from buildpractical.lib import dbthread
from buildpractical.lib.clock import utcnow
from buildpractical.lib.tenancy import acting, as_workspace
from features import leases, tasks, transitions
from tests.agents.answers import SCRIPT
from tests.factories import NOON, claim


@pytest.fixture
def model(settings):
    """A simulator that both providers talk to; answers are those of SCRIPT until `model.brain` is replaced."""
    with running(Scripted(SCRIPT), faults=True, keys=None) as server:
        settings.SIMULATOR_URL = settings.ANTHROPIC_BASE_URL = server.base_url
        settings.CHAT_RETRY_SECONDS = 0
        yield server
    # The thread that serves asynchronous code keeps its connection, which would outlive the test's database.
    dbthread.close()
    assert server.brain_errors == []


@pytest.fixture
def script(model):
    """Return a function that replaces some of the answers, by role."""

    def replace(**answers):
        model.brain = Scripted(SCRIPT | answers)

    return replace


@pytest.fixture
def key_of(ada, model, settings, tmp_path):
    """Return a function that gives ada's workspace a key; fault keys make the simulator fail."""
    settings.VAULT_RING_DIR = tmp_path / "vault"

    def give(text):
        return save_key(workspace=ada.workspace, actor=ada, text=text, state=Secret.State.CHECKED, now=NOON)

    return give


@pytest.fixture
def lease_on():
    """Return a function: feature → its Lease, claimed for this test."""

    def take(feature):
        if feature.lease_token is None:
            claim(feature)
        return leases.Lease(feature)

    return take


@pytest.fixture
def advance(settings):
    """Return a function that runs the feature's next step as a worker would; returns the feature, fresh."""

    def run(feature):
        with as_workspace(feature.workspace_id):
            feature.refresh_from_db()
        with acting(workspace_id=feature.workspace_id):
            claimed = leases.claim(feature.pk, feature.version, now=utcnow())
            handler = import_string(settings.PIPELINE_STEPS[claimed.status])
            # No heartbeat: its thread has a connection of its own, which a test's transaction shuts out.
            try:
                end = transitions.finish_step, {"outcome": handler(claimed, lease=leases.Lease(claimed))}
            except Exception as error:
                end = tasks._after_error(claimed, error)
            tasks._end(claimed, *end)
        with as_workspace(feature.workspace_id):
            feature.refresh_from_db()
        return feature

    return run


@pytest.fixture
def approve(ada):
    """Return a function that approves what is on the table."""

    def decide(feature):
        kind = {"spec_ready": "spec", "plan_ready": "plan", "tests_ready": "tests"}[feature.status]
        document = feature.documents.get(kind=kind, superseded_at=None)
        transitions.APPROVE[feature.status](feature=feature, document=document, actor=ada, now=NOON)
        return feature

    return decide
