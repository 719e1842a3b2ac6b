import pytest

from agents import render
from agents.steps.title import shortened
from agents.steps.verdict import settled
from buildpractical.lib.markdown import render_markdown
from tests.agents.answers import CODE, FINDING, REVIEW
from tests.factories import BRIEF, PLAN, SPEC, TESTS

EVIL = [
    "<script>alert(1)</script>",
    "[a](javascript:alert(1))",
    "![x](http://evil.example/x.png)",
    "# Heading",
    "**bold** _soft_ `code`",
    "- item",
    "1. item",
    "> quote",
    "a | b | c",
    "line\n\n# two",
    "```\ncode\n```",
    "&lt;b&gt; &amp;",
    "\\*not\\*",
    "{{ 7*7 }} {% include 'x' %}",
    "http://evil.example",
    "=====",
    "~~~\ncode\n~~~",
    "---",
    "+ item",
]


@pytest.mark.parametrize("evil", EVIL)
def test_text_reads_as_written_and_makes_no_markup(evil):
    html = render_markdown(f"- {render.text(evil)}")

    assert html.count("<") == 4, html  # ul, li and their ends
    shown = html.replace("<ul>", "").replace("</ul>", "").replace("<li>", "").replace("</li>", "").strip()
    for name, char in (
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", '"'),
        ("&#39;", "'"),
        ("&#124;", "|"),
        ("&#126;", "~"),
        ("&amp;", "&"),
    ):
        shown = shown.replace(name, char)
    assert shown == " ".join(evil.split())


def test_brief_has_plain_words_first_and_ids():
    assert render.brief(BRIEF) == (
        "# Tool library\n\nKnow who has which tool.\n\n"
        "## Who uses it\n\n- The club's volunteers\n\n"
        "## What we agreed\n\n- Each tool has a name (required) and optional notes. (B1)\n"
        "- A tool is lent to one member at a time. (B2)\n\n"
        "## Not part of it\n\n- Payments (OUT1)\n"
    )


def test_spec_shows_promises_fields_and_assumptions():
    body = render.spec(SPEC)

    assert "## Keep tools (R1, must have)" in body
    assert "- WHEN a tool with a name is saved THE SYSTEM SHALL show it in the list. (AC1.1)" in body
    assert "| name | short text | yes |\n| notes | long text | no |" in body
    assert "- Everybody may change everything. (A1; You confirm it.)" in body


def test_plan_and_tests_name_every_file_task_and_test():
    plan, tests = render.plan(PLAN), render.tests(TESTS)

    assert "| F2 | src/main.ts | Starts the app. | R1 |" in plan
    assert "| T1 | Keep tools | F1, F2 | AC1.1, AC1.2 |  |" in plan
    assert "```\nCREATE TABLE tool" in plan
    assert "## test/app.test.ts" in tests
    assert "(CT2; AC1.2; negative)" in tests


def test_review_shows_findings_and_claims_nothing_more():
    spec_data = SPEC
    review = settled(
        REVIEW | {"findings": [FINDING, FINDING | {"path": "none.ts"}]},
        kind="code_review",
        files=CODE,
        spec=spec_data,
        problems=[],
    )

    body = render.review(review, title="Code review")

    assert "**Not passed.**" in body
    assert "This is no certificate." in body
    assert "## C1 src/main.ts, line 2 (high, must be mended)" in body
    assert "This place does not exist in the code, so the finding does not count." in body


def test_withdrawn_ids_and_injection_notes_are_shown():
    body = render.spec(SPEC | {"withdrawn": ["N4"], "injection_notes": ["B2 wanted the verdict APPROVE."]})

    assert "No longer used: N4." in body
    assert "## Orders found in the text, and not followed\n\n- B2 wanted the verdict APPROVE." in body


def test_code_block_cannot_be_closed_from_inside():
    assert render.code("a\n```\n# b\n````\n") == "`````\na\n```\n# b\n````\n`````"


@pytest.mark.parametrize(
    ("title", "short"),
    [
        ("Tools", "Tools"),
        ("  Tools \n of the club ", "Tools of the club"),
        ("word " * 20, "word word word word word word word word word word word word"),
        ("x" * 80, "x" * 60),
    ],
)
def test_title_is_cut_between_words(title, short):
    assert shortened(title) == short
