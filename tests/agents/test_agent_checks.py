from agents import checks


def ids(problems):
    return [problem.id for problem in problems]


def test_shipped_settings_have_no_problem():
    assert checks.check_catalog(None) == checks.check_prices(None) == checks.check_deadlines(None) == []


def test_missing_and_unknown_agents_are_errors(settings):
    catalog = dict(settings.AGENT_CATALOG)
    catalog["poet"] = catalog.pop("title")
    settings.AGENT_CATALOG = catalog

    assert ids(checks.check_catalog(None)) == ["agents.E001", "agents.E001"]


def test_model_without_profile_and_price_is_a_warning(settings):
    line = settings.AGENT_CATALOG["title"] | {"model": "claude-future"}
    settings.AGENT_CATALOG = settings.AGENT_CATALOG | {"title": line}

    assert ids(checks.check_catalog(None)) == ["agents.W001", "agents.W002"]


def test_more_output_than_the_model_gives_is_an_error(settings):
    line = settings.AGENT_CATALOG["title"] | {"max_tokens": 64_001}
    settings.AGENT_CATALOG = settings.AGENT_CATALOG | {"title": line}

    assert ids(checks.check_catalog(None)) == ["agents.E002"]


def test_prices_need_a_date_and_all_buckets(settings):
    settings.MODEL_PRICES_DATE = "yesterday"
    settings.MODEL_PRICES = {
        "a": {"input": 1},
        "b": settings.MODEL_PRICES["claude-haiku-5-5"] | {"above": {}},
    }
    del settings.MODEL_PRICES["b"]["above"]

    assert ids(checks.check_prices(None)) == ["agents.E003", "agents.E004", "agents.E004"]


def test_clocks_must_nest(settings):
    settings.AGENT_DEADLINE_SECONDS = 60

    assert "agents.E005" in ids(checks.check_deadlines(None))
