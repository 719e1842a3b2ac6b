"""Tells people by mail when it is their turn, or when a build has ended (ADR 19)."""

from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.template.loader import render_to_string
from django.urls import reverse

from accounts.models import Letter, Membership, Profile
from features import failures, stages
from features.failures import Failure
from features.models import Notice
from features.statuses import GATES, Status

TEMPLATE = "features/notices"
QUIET = timedelta(minutes=10)  # between two letters to a person: what comes meanwhile is told in one
KINDS = {**dict.fromkeys(GATES, "gate"), Status.DONE: "done", Status.FAILED: "failed"}
HEADLINES = {"gate": "Your turn", "done": "Ready", "failed": "Stopped with a problem"}


def note(feature, *, now):
    """Write down that the feature's owner should hear of its last move, if so; inside the move's transaction."""
    kind = KINDS.get(feature.status)
    # Who pressed Stop knows.
    if kind is None or feature.created_by_id is None or feature.failure == Failure.STOPPED:
        return
    Notice.objects.create(
        workspace_id=feature.workspace_id,
        feature=feature,
        user_id=feature.created_by_id,
        kind=kind,
        version=feature.version,
        at=now,
    )


def write_letters(*, now):
    """Turn the notices of each person into one letter; return how many letters.

    The first notice goes at once, what follows within QUIET of that letter waits and is told together. Letter and
    notices change in one transaction: none is lost, none is told twice.
    """
    waiting = Notice.objects.using(settings.OPS_DB).order_by().values_list("user_id", flat=True).distinct()
    return sum(_write_letter(user_id, now=now) for user_id in list(waiting))


def _write_letter(user_id, *, now):
    with transaction.atomic(using=settings.OPS_DB):
        letters = Letter.objects.using(settings.OPS_DB)
        if letters.filter(user_id=user_id, template=TEMPLATE, created_at__gt=now - QUIET).exists():
            return 0
        rows = Notice.objects.using(settings.OPS_DB).filter(user_id=user_id).order_by("pk")
        members = Membership.objects.filter(user_id=user_id, workspace=OuterRef("workspace"))
        told = rows.annotate(is_member=Exists(members)).select_related("feature")
        notices = list(told.select_for_update(of=("self",)))
        rows.filter(pk__in=[notice.pk for notice in notices]).delete()
        # Who has left a workspace hears nothing of it any more.
        news = [
            _news(notice)
            for notice in notices
            if notice.version == notice.feature.version and notice.is_member
        ]
        wants = (
            Profile.objects.using(settings.OPS_DB)
            .filter(user_id=user_id, mail_news=True, user__is_active=True)
            .exists()
        )
        if not news or not wants:
            return 0
        context = {"news": news, "settings_url": f"{settings.SITE_URL}{reverse('accounts:settings')}#profile"}
        letters.create(
            workspace_id=notices[0].workspace_id,
            user_id=user_id,
            template=TEMPLATE,
            subject=_subject(news),
            text=render_to_string("features/email/notices.txt", context),
            html=render_to_string("features/email/notices.html", context),
            created_at=now,
        )
        return 1


def _news(notice):
    feature = notice.feature
    return {
        "headline": HEADLINES[notice.kind],
        "title": " ".join(feature.title.split()),  # no line break may reach a header
        "words": _words(notice),
        "url": f"{settings.SITE_URL}{reverse('features:feature-detail', args=[feature.public_id])}",
        "is_demo": feature.is_demo,
    }


def _words(notice):
    feature = notice.feature
    if notice.kind == "gate":
        name = stages.QUESTIONS[feature.status][2]
        verb = "are" if name == "tests" else "is"
        return f"The {name} {verb} written. Nothing goes on before you decide."
    if notice.kind == "done":
        return "The code is written and was read by two reviews. You can look at the files and download them."
    return failures.words(feature.failure, is_demo=feature.is_demo)


def _subject(news):
    if len(news) == 1:
        return f"{news[0]['headline']}: {news[0]['title']}"
    return f"Build Practical: news of {len(news)} features"
