"""How many builds a person may begin in an hour and have at work at once."""

from datetime import timedelta

from django.conf import settings

from accounts import limits
from features.models import Feature
from features.statuses import ACTIVE

LOOK_AGAIN_SECONDS = 60  # nobody knows when the next of the running builds ends


def count(feature, *, actor, now, is_new=True):
    """Let a build go to work that a person has just sent there, and return where they stand (limits.State).

    Raises LimitReached when that is one too many; in the transaction of the move, which then takes everything
    back. is_new: it counts as one of the hour; an approval or a retry of what was interrupted goes on with a
    build that was counted when it began.
    """
    # Also locks the person's row: of two builds that come together, the second sees the first at work.
    state = limits.take(limits.BUILDS, actor.pk, now=now, count=1 if is_new else 0)
    others = Feature.objects.filter(created_by=actor, status__in=ACTIVE).exclude(pk=feature.pk).count()
    if others >= settings.BUILDS_AT_ONCE:
        later = now + timedelta(seconds=LOOK_AGAIN_SECONDS)
        raise limits.LimitReached(limits.refusal("builds_at_once", settings.BUILDS_AT_ONCE, later, now=now))
    return state
