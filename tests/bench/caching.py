"""What the input of one standard feature costs with the provider's cache, and what it would cost without."""

from django.conf import settings
from django.test import override_settings

from accounts.actions import save_key
from accounts.models import Secret
from agents import catalog
from agents.catalog import Usage
from agents.models import AgentRun
from agents.simulator import DEMO_KEY
from buildpractical.lib.clock import utcnow
from tests.bench import processes
from tests.bench.demo_feature import build, drafted
from tests.bench.people import make_person
from tests.bench.table import Figure


def measure():
    """Return the ratio, by the simulator's accounting of the cache and the prices of the settings."""
    person = make_person("saver")
    with processes.model_server(processes.SIMULATOR) as model_url:
        with override_settings(ANTHROPIC_BASE_URL=model_url):  # a key belongs to the host it was entered for
            save_key(
                workspace=person.workspace,
                actor=person,
                text=DEMO_KEY,
                state=Secret.State.CHECKED,
                now=utcnow(),
            )
        with processes.worker(SIMULATOR_URL=model_url, ANTHROPIC_BASE_URL=model_url):
            feature, brief = drafted(person, provider="anthropic")
            build(feature, brief)
    runs = AgentRun.objects.filter(feature=feature, state="finished")
    paid = {}
    for run in runs:
        with_cache, without = paid.get(run.agent, (0, 0))
        paid[run.agent] = (with_cache + _with_cache(run), without + _without(run))
    on, off = (sum(costs) for costs in zip(*paid.values(), strict=True))
    by_agent = ", ".join(f"{agent} {one / other:.2f}" for agent, (one, other) in paid.items())
    return [
        Figure(
            "input paid for one feature, cache on against off",
            on / off,
            "×",
            hold=0.60,
            note=f"{on / 1e6:.3f} instead of {off / 1e6:.3f} USD for {sum(map(_tokens, runs)):,} tokens in {len(runs)} "
            f"calls ({settings.MODEL_PRICES_DATE}); {by_agent}",
        )
    ]


def _usage(run):
    return Usage(
        input=run.input_tokens,
        cache_read=run.cache_read_tokens,
        cache_write_5m=run.cache_write_5m_tokens,
        cache_write_1h=run.cache_write_1h_tokens,
    )


def _tokens(run):
    return _usage(run).total_input


def _with_cache(run):
    return catalog.cost_microusd(run.model, _usage(run))


def _without(run):
    return catalog.cost_microusd(run.model, Usage(input=_tokens(run)))
