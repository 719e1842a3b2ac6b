"""Colours source code by CSS classes; the code is only read, never run."""

from django.utils.html import format_html
from django.utils.safestring import mark_safe
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import get_lexer_by_name

# Some lexers take very long on hostile text: a short list of plain ones, and a limit on the text.
MAX_CHARS = 100_000
LANGUAGES = {
    "bash": "bash", "sh": "bash", "shell": "bash", "css": "css", "diff": "diff", "html": "html", "ini": "ini",
    "js": "javascript", "javascript": "javascript", "mjs": "javascript", "cjs": "javascript", "json": "json",
    "jsx": "javascript", "py": "python", "python": "python", "sql": "sql", "toml": "toml", "ts": "typescript",
    "tsx": "typescript", "typescript": "typescript", "mts": "typescript", "xml": "xml", "yaml": "yaml", "yml": "yaml",
}  # fmt: skip


def code_block(code, language):
    """Return <div class="highlight"><pre>… for a block inside text; unknown languages stay plain."""
    lexer = _lexer(language, code)
    if lexer is None:
        return format_html('<div class="highlight"><pre><code>{}</code></pre></div>', code)
    return mark_safe(highlight(code, lexer, HtmlFormatter(wrapcode=True)))  # noqa: S308  Pygments escapes


def code_table(code, path):
    """Return the file as a table with line numbers in a column of their own; the ending chooses the language."""
    lexer = _lexer(path.rpartition(".")[2], code) or get_lexer_by_name("text", stripnl=False)
    return mark_safe(highlight(code, lexer, HtmlFormatter(linenos="table")))  # noqa: S308  Pygments escapes


def _lexer(language, code):
    name = LANGUAGES.get(language.lower())
    if name is None or len(code) > MAX_CHARS:
        return None
    return get_lexer_by_name(name, stripnl=False)
