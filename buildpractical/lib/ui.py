"""Template tags that every page may use without {% load %} (named in settings.TEMPLATES)."""

from django.template import Library
from django.templatetags.static import static
from django.utils.html import format_html

register = Library()


@register.simple_tag
def icon(name, size=""):
    """Return one picture of static/icons.svg; it stands beside words and is hidden from readers.

    size: "" (20 px) or "small" (16 px).
    """
    classes = f"icon icon-{size}" if size else "icon"
    return format_html(
        '<svg class="{}" aria-hidden="true" focusable="false"><use href="{}#{}"></use></svg>',
        classes,
        static("icons.svg"),
        name,
    )
