"""Text of people and models for browsers: the only door is render_markdown()."""

import logging
import re
import secrets
from functools import lru_cache
from urllib.parse import urlsplit

import bleach
import markdown
from django.utils.html import format_html
from django.utils.safestring import mark_safe

from buildpractical.lib.highlight import code_block

logger = logging.getLogger(__name__)

MAX_BYTES = 200_000
# Python-Markdown needs time by the square of these (measured: 20,000 open brackets 50 s, 80,000 lines of
# headings 143 s).
MAX_COUNTS = {
    "\n": 5_000, "[": 2_000, "*": 4_000, "_": 8_000, "`": 4_000, "<": 8_000, "!": 8_000, "&": 8_000, "\\": 8_000,
}  # fmt: skip
TAGS = frozenset(
    {
        "p", "br", "hr", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "blockquote", "pre", "code", "em",
        "strong", "a", "table", "thead", "tbody", "tr", "th", "td",
    }
)  # fmt: skip
SCHEMES = frozenset({"http", "https", "mailto"})
REL = "noopener noreferrer nofollow"

# C0 and C1 without tab and newline, the marks that turn the direction of writing, and lone surrogates.
CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
FENCE = re.compile(
    r"^(?P<indent> {0,3})(?P<fence>`{3,}|~{3,})[ \t]*(?P<language>[\w+#.-]{0,30})[^\n`]*\n"
    r"(?P<code>.*?)"
    r"(?:^ {0,3}(?P=fence)[`~]*[ \t]*$|\Z)",
    re.MULTILINE | re.DOTALL,
)


_HEADING_TAG = re.compile("<(/?)h([1-6])>")


@lru_cache(maxsize=256)
def render_markdown(text):
    """Return safe HTML for Markdown text; text that cannot be rendered comes back as it is, in <pre>.

    No raw HTML, no pictures, no relative links. Put the result inside an element with hx-disable.
    """
    text = CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    try:
        if _is_too_much(text):
            return _plain(text)
        return _render(text)
    except Exception:  # whatever the parser trips over (deep lists: RecursionError), the text is still shown
        logger.exception("Markdown was not rendered", extra={"characters": len(text)})
        return _plain(text)


def lowered(html):
    """Return rendered HTML with each heading one level lower: the page has its own h1."""
    return mark_safe(_HEADING_TAG.sub(lambda tag: f"<{tag[1]}h{min(int(tag[2]) + 1, 6)}>", html))  # noqa: S308


def is_readable(text):
    """Return whether the text is small and plain enough to be rendered; else it would come back in <pre>."""
    return not _is_too_much(text.replace("\r\n", "\n").replace("\r", "\n"))


def _render(text):
    blocks = {}

    def cut(match):
        name = f"x{secrets.token_hex(12)}x"
        blocks[name] = code_block(match["code"], match["language"])
        return f"\n\n{name}\n\n"

    html = _parser().convert(FENCE.sub(cut, text + "\n"))
    html = bleach.clean(html, tags=TAGS, attributes=_is_allowed, protocols=SCHEMES, strip=True)
    # bleach has escaped every "<" of the text, so "<a " is a link that the parser made.
    html = html.replace("<a ", f'<a rel="{REL}" ')
    for name, block in blocks.items():
        html = html.replace(f"<p>{name}</p>", block).replace(name, block)
    return mark_safe(html)  # noqa: S308  cleaned above


def _parser():
    parser = markdown.Markdown(extensions=["tables", "sane_lists"], output_format="html")
    parser.preprocessors.deregister("html_block")
    for name in ("html", "image_link", "image_reference", "short_image_ref"):
        parser.inlinePatterns.deregister(name)
    return parser


def _is_allowed(tag, name, value):
    if tag == "a":
        return name == "title" or (name == "href" and _is_allowed_link(value))
    return tag == "ol" and name == "start" and value.isascii() and value.isdigit() and len(value) < 7


def _is_allowed_link(value):
    parts = urlsplit(value)
    if parts.scheme == "mailto":
        return bool(parts.path) and not parts.netloc
    # "@": https://bank.example@evil.example leads to evil.example.
    return parts.scheme in SCHEMES and bool(parts.hostname) and "@" not in parts.netloc and "\\" not in value


def _is_too_much(text):
    return len(text.encode()) > MAX_BYTES or any(text.count(c) > most for c, most in MAX_COUNTS.items())


def _plain(text):
    return format_html("<pre>{}</pre>", text)
