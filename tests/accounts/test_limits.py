"""The limits of a person: exact, told in headers, and in words that keep what was typed."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import httpx2
import pytest
from django.db import close_old_connections, connections, transaction

from accounts import limits
from accounts.checks import check_limits
from accounts.models import AuditEntry, LimitCounter, Secret
from accounts.querysets import key_purpose
from buildpractical.lib.clock import utcnow
from buildpractical.lib.tenancy import as_workspace
from chat import actions as chat_actions
from chat.models import Draft, Message
from features import transitions
from features.models import Feature
from features.statuses import Status
from tests.chat.test_process import server  # noqa: F401
from tests.factories import NOON, add_document, make_feature, walk
from tests.live import CSRF, Person

ROWS = "/app/features/rows"
CALLS = 400


def take(user, *, now=NOON, count=1):
    return limits.take(limits.DATA, user.pk, now=now, count=count)


# --- counting -----------------------------------------------------------------------------------------------


def test_take_counts_down_and_refuses_beyond_the_most(ada, settings):
    settings.DATA_REQUESTS_PER_MINUTE = 2

    remaining = [take(ada).remaining, take(ada).remaining]
    with pytest.raises(limits.LimitReached) as reached:
        take(ada, now=NOON + timedelta(seconds=20))

    assert remaining == [1, 0]
    assert reached.value.state.headers == {
        "X-RateLimit-Limit": "2",
        "X-RateLimit-Remaining": "0",
        "X-RateLimit-Reset": str(int(NOON.timestamp()) + 60),
        "Retry-After": "40",
    }


def test_take_begins_again_when_the_time_is_over(ada, settings):
    settings.DATA_REQUESTS_PER_MINUTE = 1
    take(ada)

    state = take(ada, now=NOON + timedelta(seconds=60))

    assert (state.remaining, state.reset_at) == (0, NOON + timedelta(seconds=120))


def test_take_counts_each_person_alone(ada, bob, settings):
    settings.DATA_REQUESTS_PER_MINUTE = 1
    take(ada)

    assert take(bob).remaining == 0


def test_take_is_one_query(ada, django_assert_num_queries):
    with django_assert_num_queries(1):
        take(ada)
    with django_assert_num_queries(1):
        take(ada)


def test_what_a_transaction_takes_back_is_not_counted(ada, settings):
    settings.DATA_REQUESTS_PER_MINUTE = 1
    with transaction.atomic():
        take(ada)
        transaction.set_rollback(True)

    assert take(ada).remaining == 0


def test_prune_deletes_counters_whose_time_is_over(ada, bob):
    take(ada)
    take(bob, now=NOON + timedelta(hours=2))

    assert limits.prune(now=NOON + timedelta(hours=2)) == 1
    assert LimitCounter.objects.get().user == bob


def test_limit_that_lets_nobody_through_is_refused_at_the_start(settings):
    settings.BUILDS_AT_ONCE = settings.MESSAGES_PER_HOUR = 0

    said = [error.msg for error in check_limits(None)]

    assert said == ["MESSAGES_PER_HOUR must be at least 1.", "BUILDS_AT_ONCE must be at least 1."]


# --- data endpoints -----------------------------------------------------------------------------------------


def test_data_endpoint_tells_where_the_person_stands(ada_client, settings):
    settings.DATA_REQUESTS_PER_MINUTE = 3

    headers = ada_client.get(ROWS).headers

    assert (headers["X-RateLimit-Limit"], headers["X-RateLimit-Remaining"]) == ("3", "2")
    assert 0 <= int(headers["X-RateLimit-Reset"]) - utcnow().timestamp() <= 61
    assert "Retry-After" not in headers


def test_data_endpoint_beyond_the_limit_is_a_page_that_says_when_to_go_on(ada_client, settings):
    settings.DATA_REQUESTS_PER_MINUTE = 1
    ada_client.get(ROWS)

    response = ada_client.get(ROWS)

    assert response.status_code == 429
    assert 1 <= int(response.headers["Retry-After"]) <= 60
    assert f"wait {response.headers['Retry-After']} second" in response.content.decode()


def test_part_that_fetches_itself_stays_as_it_is_beyond_the_limit(ada_client, settings):
    settings.DATA_REQUESTS_PER_MINUTE = 1
    ada_client.get(ROWS)

    response = ada_client.get(ROWS, headers={"HX-Request": "true"})

    assert (response.status_code, response.headers["HX-Reswap"], response.content) == (429, "none", b"")


def test_page_that_gives_no_data_is_not_counted(ada_client, settings):
    settings.DATA_REQUESTS_PER_MINUTE = 1

    answers = [ada_client.get("/app/features") for _ in range(3)]

    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert "X-RateLimit-Limit" not in answers[0].headers
    assert not LimitCounter.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_of_400_calls_at_once_through_two_processes_exactly_the_limit_passes(server, ada):  # noqa: F811
    urls = [server(DATA_REQUESTS_PER_MINUTE="100")[1] for _ in range(2)]
    cookies = Person(urls[0], ada).cookies

    async def ask():
        few = httpx2.Limits(max_connections=CALLS)
        async with httpx2.AsyncClient(cookies=cookies, timeout=60, trust_env=False, limits=few) as client:
            calls = [client.get(f"{urls[n % 2]}{ROWS}") for n in range(CALLS)]
            return await asyncio.gather(*calls)

    answers = asyncio.run(ask())

    passed = [answer for answer in answers if answer.status_code == 200]
    refused = [answer for answer in answers if answer.status_code == 429]
    assert (len(passed), len(refused)) == (100, CALLS - 100)
    # Each place was given once.
    assert sorted(int(answer.headers["X-RateLimit-Remaining"]) for answer in passed) == list(range(100))
    assert all(int(answer.headers["Retry-After"]) in range(1, 61) for answer in refused)


# --- builds -------------------------------------------------------------------------------------------------


def confirmable(user, number):
    features = [make_feature(user) for _ in range(number)]
    return [(feature, add_document(feature, "brief")) for feature in features]


def test_builds_beyond_those_of_an_hour_are_refused_and_change_nothing(ada, settings):
    settings.BUILDS_PER_HOUR = 1
    (first, one), (second, two) = confirmable(ada, 2)
    transitions.confirm_brief(feature=first, document=one, actor=ada, now=NOON)

    with pytest.raises(limits.LimitReached):
        transitions.confirm_brief(feature=second, document=two, actor=ada, now=NOON)

    second.refresh_from_db()
    two.refresh_from_db()
    assert (second.status, second.version, two.approved_at) == ("drafting", 0, None)


def test_build_that_did_not_begin_is_not_counted(ada, settings):
    settings.BUILDS_PER_HOUR = 1
    ((feature, document),) = confirmable(ada, 1)
    stale = Feature.objects.get(pk=feature.pk)
    Feature.objects.filter(pk=feature.pk).update(version=7)
    with pytest.raises(transitions.StaleFeature):
        transitions.confirm_brief(feature=stale, document=document, actor=ada, now=NOON)

    feature.refresh_from_db()
    transitions.confirm_brief(feature=feature, document=document, actor=ada, now=NOON)

    assert feature.status == Status.SPEC_GENERATING


def test_approval_goes_on_with_a_build_that_was_counted(feature_in, ada, settings):
    settings.BUILDS_PER_HOUR = 1
    feature, _ = feature_in(Status.DONE)

    assert feature.status == Status.DONE


def test_approval_waits_while_as_many_builds_are_at_work_as_may(feature_in, ada, settings):
    feature, document = feature_in(Status.SPEC_READY)
    running, _ = feature_in(Status.PLAN_GENERATING)
    settings.BUILDS_AT_ONCE = 1

    with pytest.raises(limits.LimitReached) as reached:
        transitions.approve_spec(feature=feature, document=document, actor=ada, now=NOON)
    walk_on(running)
    feature.refresh_from_db()
    transitions.approve_spec(feature=feature, document=document, actor=ada, now=NOON)

    assert (reached.value.state.reason, feature.status) == ("builds_at_once", "spec_approved")


def walk_on(feature):
    transitions.fail_step(feature=feature, failure="crashed", now=NOON)


def in_threads(work, items):
    """Run work(item) for all items at once, each with a connection of its own; return the results in order."""

    def run(item):
        close_old_connections()
        try:
            return work(item)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(40) as pool:
        return list(pool.map(run, items))


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("setting", "most"), [("BUILDS_PER_HOUR", 10), ("BUILDS_AT_ONCE", 5)])
def test_of_many_builds_at_once_exactly_as_many_begin_as_may(ada, settings, setting, most):
    setattr(settings, setting, most)

    def confirm(pair):
        feature, document = pair
        try:
            with as_workspace(feature.workspace_id):
                transitions.confirm_brief(feature=feature, document=document, actor=ada, now=NOON)
        except limits.LimitReached:
            return False
        return True

    begun = in_threads(confirm, confirmable(ada, 40))

    assert sum(begun) == most
    assert Feature.objects.exclude(status=Status.DRAFTING).count() == most


def test_build_beyond_the_limit_is_told_beside_the_button(ada_client, ada, settings):
    settings.BUILDS_PER_HOUR = 0
    feature = make_feature(ada)
    walk(feature, Status.DRAFTING, actor=ada)
    LimitCounter.objects.create(
        user=ada, name="builds", used=1, started_ms=int(utcnow().timestamp() * 1000) - 1_800_000
    )
    document = add_document(feature, "brief")

    response = ada_client.post(
        f"/app/features/{feature.public_id}/brief/confirm",
        {"document": document.pk},
        headers={"HX-Request": "true"},
    )
    page = ada_client.post(f"/app/features/{feature.public_id}/brief/confirm", {"document": document.pk})

    assert (response.status_code, response.headers["HX-Retarget"]) == (429, "#gate-limit")
    assert "You can go on in 30 minutes" in response.content.decode()
    assert (page.status_code, page.headers["X-RateLimit-Remaining"]) == (429, "0")
    assert "You can go on in 30 minutes" in page.content.decode()
    assert "Tell us what you need" in page.content.decode() or feature.title in page.content.decode()


@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}])
def test_build_within_the_limit_tells_where_the_person_stands(ada_client, ada, settings, headers):
    settings.BUILDS_PER_HOUR = 3
    ((feature, document),) = confirmable(ada, 1)

    confirmed = ada_client.post(
        f"/app/features/{feature.public_id}/brief/confirm", {"document": document.pk}, headers=headers
    )
    stopped = ada_client.post(f"/app/features/{feature.public_id}/stop", headers=headers)

    assert confirmed.headers["X-RateLimit-Limit"] == "3"
    assert confirmed.headers["X-RateLimit-Remaining"] == "2"
    assert 3590 <= int(confirmed.headers["X-RateLimit-Reset"]) - utcnow().timestamp() <= 3601
    assert "X-RateLimit-Limit" not in stopped.headers


def live_key(feature):
    Secret.objects.create(
        workspace=feature.workspace, purpose=key_purpose(), hint="1234", created_by=feature.created_by
    )


def test_approval_and_raised_limit_tell_where_the_person_stands(ada_client, feature_in, settings):
    settings.BUILDS_PER_HOUR = 7
    at_gate, document = feature_in(Status.SPEC_READY)
    dear, _ = feature_in(Status.PLAN_GENERATING, provider="anthropic")
    transitions.fail_step(feature=dear, failure="over_budget", now=NOON)
    live_key(dear)

    approved = ada_client.post(f"/app/features/{at_gate.public_id}/approve", {"document": document.pk})
    raised = ada_client.post(f"/app/features/{dear.public_id}/limit/raise", {"limit": dear.cap_microusd})

    assert approved.headers["X-RateLimit-Limit"] == raised.headers["X-RateLimit-Limit"] == "7"


# --- the audit ----------------------------------------------------------------------------------------------


def test_refusal_is_audited_once_a_minute_for_each_limit(ada_client, ada, settings):
    settings.DATA_REQUESTS_PER_MINUTE = settings.BUILDS_AT_ONCE = 1
    (running, one), (second, two) = confirmable(ada, 2)
    transitions.confirm_brief(feature=running, document=one, actor=ada, now=NOON)
    for _ in range(3):
        ada_client.get(ROWS)
        ada_client.post(f"/app/features/{second.public_id}/brief/confirm", {"document": two.pk})

    told = AuditEntry.objects.filter(action="limit.reached").order_by("at")
    assert [(row.actor, row.workspace, row.data) for row in told] == [
        (ada, ada.workspace, {"limit": "builds_at_once"}),
        (ada, ada.workspace, {"limit": "data"}),
    ]

    AuditEntry.objects.update(at=utcnow() - timedelta(minutes=2))
    ada_client.get(ROWS)

    assert AuditEntry.objects.filter(action="limit.reached").count() == 3


def test_refusal_is_audited_under_row_level_security(ada, as_app_role):
    as_app_role()
    state = limits.refusal("data", 1, NOON + timedelta(seconds=9), now=NOON)

    for _ in range(2):
        limits.record_refusal(state, user_id=ada.pk, workspace_id=ada.workspace.pk)

    with as_workspace(ada.workspace.pk):
        assert AuditEntry.objects.filter(action="limit.reached").count() == 1


# --- messages -----------------------------------------------------------------------------------------------


def test_message_beyond_the_limit_is_refused_and_not_saved(ada, settings):
    settings.MESSAGES_PER_HOUR = 1
    first, second = make_feature(ada), make_feature(ada)
    chat_actions.send(feature=first, author=ada, body="Hello", now=NOON)

    with pytest.raises(chat_actions.TooFast) as refused:
        chat_actions.send(feature=second, author=ada, body="Hello", now=NOON)

    assert refused.value.limit.wait == "60 minutes"
    assert second.messages.count() == 0


def test_message_that_is_refused_for_another_reason_is_not_counted(ada, settings):
    settings.MESSAGES_PER_HOUR = 2
    feature = make_feature(ada)
    chat_actions.send(feature=feature, author=ada, body="Hello", now=NOON)
    with pytest.raises(chat_actions.ReplyRunning):
        chat_actions.send(feature=feature, author=ada, body="Again", now=NOON)

    assert LimitCounter.objects.get(name="messages").used == 1


@pytest.mark.django_db(transaction=True)
def test_of_many_messages_at_once_exactly_the_limit_is_taken(server, ada):  # noqa: F811
    """100 conversations, each sent to once, over two processes."""
    more = {"MESSAGES_PER_HOUR": "60", "REPLIES_PER_USER": "1000"}
    urls = [server(**more)[1] for _ in range(2)]
    paths = [f"/app/features/{make_feature(ada).public_id}/messages" for _ in range(100)]
    cookies = Person(urls[0], ada).cookies

    async def send():
        headers = {"X-CSRFToken": CSRF, "HX-Request": "true"}
        few = httpx2.Limits(max_connections=50)
        async with httpx2.AsyncClient(
            cookies=cookies, headers=headers, timeout=60, trust_env=False, limits=few
        ) as client:
            calls = [
                client.post(f"{urls[n % 2]}{path}", data={"body": "Hello"}) for n, path in enumerate(paths)
            ]
            return await asyncio.gather(*calls)

    answers = asyncio.run(send())

    statuses = [answer.status_code for answer in answers]
    assert (statuses.count(200), statuses.count(429)) == (60, 40)
    assert Message.objects.filter(role="user").count() == 60
    passed = [answer.headers for answer in answers if answer.status_code == 200]
    assert sorted(int(headers["X-RateLimit-Remaining"]) for headers in passed) == list(range(60))
    refused = next(answer for answer in answers if answer.status_code == 429)
    assert refused.headers["HX-Retarget"] == "#chat-refused"
    assert "Your text is kept" in refused.text


def test_form_without_scripts_keeps_the_text_that_was_too_much(ada, settings, transactional_db):
    from tests.live import Site

    settings.MESSAGES_PER_HOUR = 1
    feature = make_feature(ada)
    limits.take(limits.MESSAGES, ada.pk, now=utcnow())
    site = Site()
    site.start()
    try:
        response = site.person(ada).post(
            f"/app/features/{feature.public_id}/messages", {"body": "My long thought"}, htmx=False
        )
    finally:
        site.stop()

    assert (response.status_code, "Retry-After" in response.headers) == (429, True)
    assert AuditEntry.objects.get(action="limit.reached").data == {"limit": "messages"}
    assert "My long thought" in response.text
    assert "send it again in 60 minutes" in response.text
    assert not Draft.objects.exists()
