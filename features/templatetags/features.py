"""Words and tones for templates; none of these makes a query."""

from django.template import Library

from buildpractical.lib.markdown import lowered, render_markdown
from features import failures, stages
from features.statuses import Status

register = Library()

register.filter("tone", stages.tone)
register.filter("turn", stages.turn)
register.filter("tab_words", stages.tab_words)
register.filter("markdown", render_markdown)
register.filter("lowered", lowered)


@register.filter
def status_label(status):
    """Return the words of a status."""
    return Status(status).label


@register.filter
def failure_words(failure, feature):
    """Return the words of a failure code of this feature or of one of its messages."""
    return failures.words(failure, is_demo=feature.is_demo)


@register.filter
def is_key_failure(failure):
    """Return whether Settings are the place to mend it."""
    return failure in failures.OF_THE_KEY


@register.filter
def stage(feature):
    """Return the stage of a list row; a failed one needs with_failed_from()."""
    return stages.stage_of(getattr(feature, "failed_from", None) or feature.status)


@register.filter
def duration(seconds):
    """Return whole seconds as "45 s", "1 min 20 s" or "2 h 5 min" (as static/js/monitor.js does)."""
    minutes, rest = divmod(seconds, 60)
    if not minutes:
        return f"{rest} s"
    return f"{minutes} min {rest} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


@register.filter
def dollars(microusd):
    """Return micro-USD as "$10.00"."""
    return f"${microusd / 1_000_000:,.2f}"


@register.inclusion_tag("features/_lines.html")
def lines(items):
    """Show sentences, or dicts with a `text`, as a list."""
    return {"items": [item.get("text", "") if isinstance(item, dict) else item for item in items or []]}
