"""The outcome table of llm.md §4: what each fault of the provider becomes, in the record and for the engine."""

import pytest

from agents import gateway, layout
from agents.gateway import Call, CallFailed
from features.failures import Failure as F
from features.statuses import Status
from features.steps import StepError

pytestmark = pytest.mark.django_db

#  fault → failure, permanent, state of the usage: "free" (surely 0), "known" (cost > 0), "unknown" (null)
OUTCOMES = {
    "401": (F.KEY_REJECTED, True, "free"),
    "403": (F.KEY_REJECTED, True, "free"),
    "402": (F.ACCOUNT, True, "free"),
    "onhold": (F.ACCOUNT, True, "free"),
    "spendlimit": (F.ACCOUNT, True, "free"),
    "contractlimit": (F.ACCOUNT, True, "free"),
    "429": (F.RATE_LIMITED, False, "free"),
    "429bare": (F.RATE_LIMITED, False, "free"),
    "429hours": (F.RATE_LIMITED, True, "free"),
    "529": (F.OVERLOADED, False, "free"),
    "overloadmid": (F.OVERLOADED, False, "known"),
    "500": (F.PROVIDER_ERROR, False, "free"),
    "503": (F.PROVIDER_ERROR, False, "free"),
    "504": (F.PROVIDER_ERROR, False, "free"),
    "408": (F.PROVIDER_ERROR, False, "free"),
    "409": (F.PROVIDER_ERROR, False, "free"),
    "reset": (F.UNREACHABLE, False, "unknown"),
    "resetmid": (F.PROTOCOL_ERROR, False, "known"),
    "hang": (F.TIMEOUT, False, "unknown"),
    "hangmid": (F.TIMEOUT, False, "known"),
    "pings": (F.TIMEOUT, False, "unknown"),
    "slow": (F.TIMEOUT, False, "unknown"),
    "cut": (F.PROTOCOL_ERROR, False, "known"),
    "cutend": (F.PROTOCOL_ERROR, False, "known"),
    "cutchunk": (F.PROTOCOL_ERROR, False, "known"),
    "html": (F.PROTOCOL_ERROR, False, "unknown"),
    "badjson": (F.PROTOCOL_ERROR, False, "known"),
    "badutf8": (F.PROTOCOL_ERROR, False, "known"),
    "badsse": (F.PROTOCOL_ERROR, False, "known"),
    "unknownstop": (F.PROTOCOL_ERROR, False, "known"),
    "404": (F.MODEL_GONE, True, "free"),
    "413": (F.TOO_LARGE, True, "free"),
    "toolong": (F.TOO_LARGE, True, "free"),
    "context": (F.TOO_LARGE, True, "known"),
    "400": (F.BAD_REQUEST, True, "free"),
    "422": (F.BAD_REQUEST, True, "free"),
    "redirect": (F.BAD_REQUEST, True, "free"),
    "refusal": (F.REFUSED, True, "known"),
    "empty": (F.EMPTY, True, "known"),
    "huge": (F.TOO_BIG, True, "known"),
}
CLOCKS = {"hang", "hangmid", "pings", "slow"}


def call_for(feature, **fields):
    return Call(
        feature=feature,
        agent="spec",
        prompt="spec",
        system=[layout.governance()],
        messages=[layout.user(layout.role_block("spec", "Write."))],
        **fields,
    )


@pytest.fixture
def paying(feature_in, key_of, lease_on):
    """Return a function: key → (feature, lease) of a feature that works with that key."""

    def make(key):
        key_of(key)
        feature, _ = feature_in(Status.SPEC_GENERATING, provider="anthropic")
        return feature, lease_on(feature)

    return make


@pytest.mark.parametrize("fault", sorted(OUTCOMES))
def test_fault_is_recorded_and_raised_as_the_table_says(fault, paying, settings):
    failure, permanent, cost = OUTCOMES[fault]
    if fault in CLOCKS:
        settings.AGENT_PROGRESS_SECONDS = 0.3
    feature, lease = paying(f"sk-ant-sim-{fault}-9")

    with pytest.raises(CallFailed) as raised:
        gateway.ask(call_for(feature), lease=lease)

    assert isinstance(raised.value, StepError)
    assert (raised.value.failure, raised.value.permanent) == (failure, permanent)
    run = feature.runs.get()
    assert (run.state, run.failure) == ("failed", failure)
    assert run.finished_at >= run.started_at
    if cost == "free":
        assert (run.cost_microusd, run.input_tokens, run.estimated) == (0, 0, False)
    elif cost == "unknown":
        assert (run.cost_microusd, run.input_tokens, run.estimated) == (None, None, False)
    else:
        assert run.cost_microusd > 0
        assert run.input_tokens > 0
    if fault.isdecimal():
        assert run.request_id.startswith("req_")


@pytest.mark.parametrize("fault", ["nul", "surrogate", "unknownevent", "unknownblock"])
def test_odd_but_whole_answers_are_taken_without_what_no_database_takes(fault, paying, model):
    feature, lease = paying(f"sk-ant-sim-{fault}-1")

    reply = gateway.ask(call_for(feature), lease=lease)

    assert "\x00" not in reply.text
    reply.text.encode()
    assert feature.runs.get().state == "finished"


def test_429_tells_how_long_to_wait(paying):
    feature, lease = paying("sk-ant-sim-429in600-1")

    with pytest.raises(CallFailed) as raised:
        gateway.ask(call_for(feature), lease=lease)

    assert raised.value.retry_after_seconds == 600


def test_429_twice_without_waiting_time_is_a_matter_of_the_account(paying):
    feature, lease = paying("sk-ant-sim-429bare-2")
    with pytest.raises(CallFailed):
        gateway.ask(call_for(feature), lease=lease)

    with pytest.raises(CallFailed) as raised:
        gateway.ask(call_for(feature), lease=lease)

    assert (raised.value.failure, raised.value.permanent) == (F.ACCOUNT, True)
    assert list(feature.runs.values_list("failure", flat=True)) == [F.RATE_LIMITED, F.ACCOUNT]


def test_redirect_does_not_send_the_prompt_again(paying, model):
    feature, lease = paying("sk-ant-sim-redirect-1")

    with pytest.raises(CallFailed):
        gateway.ask(call_for(feature), lease=lease)

    assert [request["path"] for request in model.requests] == ["/v1/messages"]


def test_rejected_key_is_marked(paying, key_of):
    feature, lease = paying("sk-ant-sim-401-1")

    with pytest.raises(CallFailed):
        gateway.ask(call_for(feature), lease=lease)

    assert feature.workspace.secrets.get().state == "rejected"


def test_bad_request_tells_the_reference_number(paying):
    feature, lease = paying("sk-ant-sim-400-1")

    with pytest.raises(CallFailed) as raised:
        gateway.ask(call_for(feature), lease=lease)

    assert raised.value.detail == f"Reference: {feature.runs.get().request_id}"


def test_no_key_is_recorded_and_nothing_is_sent(feature_in, lease_on, model, key_of):
    feature, _ = feature_in(Status.SPEC_GENERATING, provider="anthropic")

    with pytest.raises(CallFailed) as raised:
        gateway.ask(call_for(feature), lease=lease_on(feature))

    assert (raised.value.failure, raised.value.permanent) == (F.NO_KEY, True)
    assert model.requests == []
    run = feature.runs.get()
    assert (run.state, run.failure, run.cost_microusd) == ("failed", F.NO_KEY, 0)
