import re
import time
from html.parser import HTMLParser

import bleach
import pytest

from buildpractical.lib import markdown
from buildpractical.lib.markdown import MAX_BYTES, MAX_COUNTS, REL, TAGS, render_markdown

ALLOWED = {
    "a": {"href", "title", "rel"},
    "ol": {"start"},
    "div": {"class"},
    "span": {"class"},
}
# Naughty texts of our own: each must come out as text or vanish.
NAUGHTY = [
    "<script>alert(1)</script>",
    "<SCRIPT SRC=//evil.example/x.js></SCRIPT>",
    "<img src=x onerror=alert(1)>",
    "<svg onload=alert(1)><animate onbegin=alert(1)></svg>",
    "<svg><style><img src=x onerror=alert(1)></style></svg>",
    '<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=alert(1)&gt;">',
    '<noscript><p title="</noscript><img src=x onerror=alert(1)>">',
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<form action=//evil.example><input name=key></form>",
    "<div hx-get='/app/settings' hx-trigger='load'>x</div>",
    "<a href='x' hx-on:click='alert(1)'>x</a>",
    "<style>body{background:url(//evil.example)}</style>",
    "<link rel=stylesheet href=//evil.example>",
    "<meta http-equiv=refresh content='0;url=//evil.example'>",
    "<base href=//evil.example>",
    "<object data=x></object><embed src=x>",
    "<p style='position:fixed'>x</p>",
    "<p class='button' id='gate'>x</p>",
    "<!-- --><!--><script>alert(1)</script>-->",
    "<![CDATA[<script>alert(1)</script>]]>",
    "<?php echo 1 ?>",
    "<a\nhref=javascript:alert(1)>x</a>",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](java\tscript:alert(1))",
    "[x](&#106;avascript:alert(1))",
    "[x](&#x6A;&#x61;vascript&colon;alert(1))",
    "[x](%6aavascript:alert(1))",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "[x](vbscript:msgbox(1))",
    "[x](file:///etc/passwd)",
    "[x](//evil.example/path)",
    "[x](/app/settings)",
    "[x](#gate)",
    "[x](https://bank.example@evil.example/)",
    "[x](https:evil.example)",
    "[x](https://evil.example\\@bank.example)",
    "[x](https://ok.example 'a\" onmouseover=\"alert(1)')",
    '[x](https://ok.example "><script>alert(1)</script>")',
    "<javascript:alert(1)>",
    '<https://a.example/"onmouseover="alert(1)>',
    "![x](https://evil.example/pixel.png)",
    "![x][1]\n\n[1]: https://evil.example/pixel.png",
    "[x][1]\n\n[1]: javascript:alert(1)",
    "[x]: javascript:alert(1)\n\n[x]",
    '```"><script>alert(1)</script>\ncode\n```',
    "```js onload=alert(1)\n</code></pre><script>alert(1)</script>\n```",
    "```html\n<script>alert(1)</script>\n```",
    "~~~ts {hl_lines='1' linenos=True}\nconst x = '</pre><img src=x onerror=alert(1)>'\n~~~",
    "```\nnever closed <script>alert(1)</script>",
    "    <script>alert(1)</script>",
    "`<script>alert(1)</script>`",
    "| a | b |\n|:--|--:|\n| <script>alert(1)</script> | <img src=x onerror=alert(1)> |",
    "1. <b onmouseover=alert(1)>x</b>\n2. y",
    "# <h1 onclick=alert(1)>x</h1>",
    "> <blockquote cite=javascript:alert(1)>x</blockquote>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "&amp;lt;script&amp;gt;",
    "\x00<scr\x00ipt>alert(1)</scr\x00ipt>",
    "<scr\u202eipt>alert(1)</script>",
    "\ud800<script>",
    "＜script＞alert(1)＜/script＞",
    "\x02wzxhzdk:0\x03",
    "\x02klzzwxh:0000\x03<script>",
]


class Reader(HTMLParser):
    """Collects what a browser would make of the HTML."""

    def __init__(self, html):
        super().__init__(convert_charrefs=True)
        self.tags, self.links, self.faults = [], [], []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        if tag not in TAGS | {"div", "span"}:
            self.faults.append(f"<{tag}>")
        for name, value in attributes:
            if name not in ALLOWED.get(tag, set()):
                self.faults.append(f"{tag} {name}")
            if name == "href":
                self.links.append(value)
                if not re.match(r"(https?://[^@\\]+|mailto:[^/])", value):
                    self.faults.append(f"href {value}")
            if name == "class" and not re.fullmatch(r"[a-z0-9]{1,10}", value):
                self.faults.append(f"class {value}")

    def handle_comment(self, data):
        self.faults.append("comment")

    def handle_decl(self, decl):
        self.faults.append("declaration")

    def handle_pi(self, data):
        self.faults.append("instruction")


@pytest.mark.parametrize("text", NAUGHTY)
def test_render_markdown_leaves_nothing_that_a_browser_would_run(text):
    assert Reader(render_markdown(text)).faults == []


@pytest.mark.parametrize("text", NAUGHTY)
def test_render_markdown_leaves_nothing_in_the_middle_of_other_text(text):
    assert Reader(render_markdown(f"Before *this* {text} after\n\n- item\n\n  {text}\n")).faults == []


def test_the_corpus_finds_faults_when_nothing_cleans(monkeypatch):
    monkeypatch.setattr(bleach, "clean", lambda html, **rules: html)
    faulty = [text for text in NAUGHTY if Reader(render_markdown.__wrapped__(text)).faults]

    assert len(faulty) >= 10


def test_render_markdown_keeps_what_people_write():
    html = render_markdown(
        "# Title\n\nA *word*, a **strong** one and `code`.\n\n3. three\n4. four\n\n- a\n- b\n\n> said\n\n"
        "| a | b |\n|---|---|\n| 1 | 2 |\n\n[site](https://ok.example/x?a=1 'hint')"
    )

    assert html == (
        "<h1>Title</h1>\n<p>A <em>word</em>, a <strong>strong</strong> one and <code>code</code>.</p>\n"
        '<ol start="3">\n<li>three</li>\n<li>four</li>\n</ol>\n<ul>\n<li>a</li>\n<li>b</li>\n</ul>\n'
        "<blockquote>\n<p>said</p>\n</blockquote>\n<table>\n<thead>\n<tr>\n<th>a</th>\n<th>b</th>\n</tr>\n</thead>\n"
        "<tbody>\n<tr>\n<td>1</td>\n<td>2</td>\n</tr>\n</tbody>\n</table>\n"
        f'<p><a rel="{REL}" href="https://ok.example/x?a=1" title="hint">site</a></p>'
    )


def test_render_markdown_colours_known_code_and_leaves_the_rest_plain():
    assert '<span class="kd">const</span>' in render_markdown("```ts\nconst a = 1;\n```")
    assert render_markdown("```cobol\n<MOVE>\n```") == (
        '<div class="highlight"><pre><code>&lt;MOVE&gt;\n</code></pre></div>'
    )


def test_render_markdown_treats_a_fence_without_end_as_code_to_the_end():
    assert render_markdown("text\n\n```\n*a*") == (
        '<p>text</p>\n<div class="highlight"><pre><code>*a*\n</code></pre></div>'
    )


def test_render_markdown_does_not_close_a_fence_with_a_shorter_one():
    html = render_markdown("````\n```\ninner\n```\n````\n\nafter")

    assert html == ('<div class="highlight"><pre><code>```\ninner\n```\n</code></pre></div>\n<p>after</p>')


@pytest.mark.parametrize(
    "text",
    ["a" * (MAX_BYTES + 1), *[character * (most + 1) for character, most in MAX_COUNTS.items() if character != "\n"]],
    ids=lambda text: text[:1],
)  # fmt: skip
def test_render_markdown_shows_text_beyond_the_limits_as_it_is(text):
    html = render_markdown(text)

    assert html.startswith("<pre>")
    assert Reader(html).tags == ["pre"]


def test_render_markdown_shows_the_text_when_the_parser_fails(monkeypatch, caplog):
    monkeypatch.setattr(markdown, "_parser", lambda: 1 / 0)

    assert render_markdown.__wrapped__("<b>bold</b>") == "<pre>&lt;b&gt;bold&lt;/b&gt;</pre>"
    assert [record.getMessage() for record in caplog.records] == ["Markdown was not rendered"]


@pytest.mark.parametrize(
    "text",
    [
        ">" * 5_000,
        "".join("    " * level + "- a\n" for level in range(200)),
        "# a\n" * 4_900,
        "a\n=\n" * 2_450,
        "|a|b|\n|-|-|\n|1|2|\n\n" * 1_200,
        "```\n" * 4_000,
        "[a](" * 2_000 + ")" * 2_000,
        "*a*" * 1_900,
        "<a@b.c>" * 8_000,
        "<" * 8_000,
    ],
    ids=[
        "quotes",
        "deep list",
        "headings",
        "underlined",
        "tables",
        "fences",
        "links",
        "stars",
        "mails",
        "angles",
    ],
)
def test_render_markdown_takes_hostile_text_in_its_stride(text):
    started = time.monotonic()

    html = render_markdown.__wrapped__(text)

    assert Reader(html).faults == []
    assert time.monotonic() - started < 8  # about 1 s alone; without the limits these take minutes
