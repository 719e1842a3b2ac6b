"""A spec on its way into prompts: whole, byte for byte, whatever the window holds."""

import hashlib
import random

import pytest

from agents import layout, sources
from agents.conversation import BRIEF_WRITTEN
from agents.gateway import CallFailed
from agents.simulator.brains.scripted import json_text
from agents.sources import headings_of, parts_of, record_of, with_earlier
from buildpractical.lib.tenancy import as_workspace
from features import documents
from features.models import Feature
from features.spec_text import MAX_BYTES
from features.statuses import Status
from tests.agents.test_conversation import add, answer, say
from tests.factories import BRIEF, make_spec

SECTION = (
    "# Part {0}\n\nEach thing {0} has a name & a <place>.\r\n\n```\n# no heading\n```\n\n"
    "## Rules {0}\n\n漢字 🍏\n\n"
)
LONG = "".join(SECTION.format(number) for number in range(400))


def sha(text):
    return hashlib.sha256(text.encode()).hexdigest()


def small_window(settings, tokens):
    profiles = {name: profile | {"window": tokens} for name, profile in settings.MODEL_PROFILES.items()}
    settings.MODEL_PROFILES = profiles


# --- parts ------------------------------------------------------------------------------------------------


def test_text_that_fits_is_one_part():
    assert [part.text for part in parts_of("# A\n\n# B\n", max_bytes=100)] == ["# A\n\n# B\n"]


def test_parts_begin_at_headings_and_never_inside_code():
    parts = parts_of(LONG, max_bytes=1_000)

    assert len(parts) > 10
    assert all(part.text.startswith(("# Part", "## Rules")) for part in parts)
    assert "".join(part.text for part in parts) == LONG


def test_section_that_is_too_long_is_split_at_blank_lines_then_lines_then_anywhere():
    text = "# A\n\none\ntwo\n\nthree\n" + "x" * 30

    assert [part.text for part in parts_of(text, max_bytes=13)] == [
        *("# A\n\n", "one\ntwo\n\n", "three\nxxxxxx", "x" * 12, "x" * 12)
    ]


@pytest.mark.parametrize("alphabet", ["a\n", "ab \n#", "&<", "漢🍏é\r\n", "`~# \n"])
def test_parts_are_the_whole_text_and_each_fits(alphabet):
    for seed in range(200):
        pick = random.Random(seed)
        text = "".join(pick.choices(alphabet, k=pick.randint(1, 400)))
        most = pick.randint(10, 80)

        parts = parts_of(text, max_bytes=most)

        assert "".join(part.text for part in parts) == text
        assert [text[part.start : part.end] for part in parts] == [part.text for part in parts]
        assert max(len(layout.escaped(part.text).encode()) for part in parts) <= most


def test_headings_are_those_outside_of_code():
    assert headings_of("# A\n```\n# no\n```\n ## B\n#c\n~~~~\n# no\n```\n~~~~\n### D") == [
        "# A",
        "## B",
        "### D",
    ]


def test_later_part_loses_nothing_of_an_earlier_one():
    first = BRIEF | {"facts": BRIEF["facts"][:2], "users": ["Members."], "open_questions": ["Until when?"]}
    refined = BRIEF["facts"][1] | {"text": BRIEF["facts"][1]["text"] + " It is also small."}
    new = {"id": "B9", "topic": "data", "text": "New."}
    later = {"facts": [refined, new], "out_of_scope": [], "users": ["Guests."], "open_questions": []}

    merged = with_earlier(BRIEF | later, first)

    assert merged["facts"] == [BRIEF["facts"][0], refined, new]
    assert merged["out_of_scope"] == BRIEF["out_of_scope"]
    assert merged["users"] == ["Members.", "Guests."]
    assert merged["open_questions"] == ["Until when?"]


def test_later_part_that_counts_anew_loses_nothing_of_an_earlier_one():
    first = BRIEF | {"facts": BRIEF["facts"][:2]}
    other = BRIEF["facts"][0] | {"text": "Quite another thing."}
    left_out = BRIEF["out_of_scope"][0] | {"text": "Selling."}

    merged = with_earlier(BRIEF | {"facts": [other, BRIEF["facts"][1]], "out_of_scope": [left_out]}, first)

    assert [fact["text"] for fact in merged["facts"]] == [
        BRIEF["facts"][0]["text"],
        "Quite another thing.",
        BRIEF["facts"][1]["text"],
    ]
    ids = [fact["id"] for fact in merged["facts"]]
    assert len(set(ids)) == 3
    assert [out["text"] for out in merged["out_of_scope"]][-1] == "Selling."
    assert len({out["id"] for out in merged["out_of_scope"]}) == len(merged["out_of_scope"])


# --- the largest spec in the prompt -------------------------------------------------------------------------


@pytest.fixture
def built_from(ada):
    """Return a function: text → ada's drafting feature that is built from a spec with that text."""

    def make(body):
        from tests.factories import make_feature

        feature = make_feature(ada)
        spec = make_spec(ada, body=body)
        with as_workspace(ada.workspace.pk):
            Feature.objects.filter(pk=feature.pk).update(spec_version=spec.versions.get())
            feature.refresh_from_db()
        return feature

    return make


def read_by(model):
    """Return the spec texts that stood in the requests of the brief's agent, in order."""
    bodies = [request["body"] for request in model.requests]
    blocks = [block for body in bodies for turn in body["messages"] for block in turn["content"]]
    return [layout.untagged(block, "spec_text") for block in blocks if "<spec_text_" in block["text"]]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("filler", ["word ", "漢", "&<", "\r\n", "🍏"])
def test_largest_spec_reaches_the_model_byte_for_byte(model, built_from, filler):
    body = "\n# Tools\n" + filler * ((MAX_BYTES - 10) // len(filler.encode()))
    body += "." * (MAX_BYTES - len(body.encode()))
    feature = built_from(body)

    said, end = answer(say(feature, purpose="brief"))

    assert end == ("stop", "end_turn")
    assert said.startswith("I have written the brief from your spec")
    texts = read_by(model)
    assert sha("".join(texts)) == sha(body)
    with as_workspace(feature.workspace_id):
        read = documents.proposed_brief(feature).read
    assert (read["sha256"], read["version"]) == (sha(body), 1)
    assert [part["sha256"] for part in read["parts"]] == [sha(text) for text in texts]


@pytest.mark.django_db(transaction=True)
def test_spec_larger_than_the_window_is_read_in_parts_that_cover_it(model, script, settings, built_from):
    small_window(settings, 75_000)
    given = []

    def brief(request):
        """Say one fact for each part and forget all others."""
        given.append(request)
        fact = {"id": f"B{len(given)}", "topic": "data", "text": f"From part {len(given)}."}
        return json_text(BRIEF | {"facts": [fact]})

    script(brief=brief)
    feature = built_from(LONG)

    said, end = answer(say(feature, purpose="brief"))

    texts = read_by(model)
    assert end == ("stop", "end_turn")
    assert len(texts) > 1
    assert f", which I read in {len(texts)} parts." in said
    assert "".join(texts) == LONG
    assert all(text.startswith(("# Part", "## Rules")) for text in texts)
    with as_workspace(feature.workspace_id):
        document = documents.proposed_brief(feature)
    parts = document.read["parts"]
    assert [part["sha256"] for part in parts] == [sha(text) for text in texts]
    assert [parts[0]["start"], parts[-1]["end"]] == [0, len(LONG)]
    assert [part["end"] for part in parts[:-1]] == [part["start"] for part in parts[1:]]
    assert [fact["text"] for fact in document.data["facts"]] == [
        f"From part {number}." for number in range(1, len(texts) + 1)
    ]


@pytest.mark.django_db(transaction=True)
def test_record_of_anything_but_the_whole_text_is_refused(built_from):
    feature = built_from(LONG)
    parts = parts_of(LONG, max_bytes=10_000)
    blocks = [layout.data_block(feature, spec_text=part.text) for part in parts]
    blocks[3] = layout.data_block(feature, spec_text=parts[3].text[:-1])

    with pytest.raises(CallFailed):
        record_of(feature.spec_version, parts, blocks)


@pytest.mark.django_db(transaction=True)
def test_spec_is_read_once_and_later_talk_revises_the_brief(model, script, built_from):
    feature = built_from("# Tools\n\nEach tool has a name.\n")
    answer(say(feature, purpose="brief"))
    with as_workspace(feature.workspace_id):
        read = documents.proposed_brief(feature).read
        feature.messages.update(state="complete", body="I have written the brief from your spec.")
    add(feature, role="user", body="Add a phone.", state="complete")
    script(brief=json_text(BRIEF | {"purpose": "Another one."}))
    model.requests.clear()

    said, _ = answer(say(feature, purpose="brief"))

    assert said == BRIEF_WRITTEN
    assert read_by(model) == []
    with as_workspace(feature.workspace_id):
        assert documents.proposed_brief(feature).read == read


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("size", "seen"), [(1, True), (sources.MOST_TALK_BYTES, False)])
def test_analyst_knows_the_spec_or_its_headings_and_the_brief(model, built_from, size, seen):
    body = "# Tools\n\nEach tool has a name.\n" + "x" * size
    feature = built_from(body)
    answer(say(feature, purpose="brief"))
    with as_workspace(feature.workspace_id):
        feature.messages.update(state="complete", body="I have written the brief from your spec.")
    add(feature, role="user", body="Is a phone in it?", state="complete")
    model.requests.clear()

    answer(add(feature, role="assistant", state="streaming", lease_until=feature.progress_at))

    messages = model.requests[0]["body"]["messages"]
    first = messages[0]["content"][0]["text"]
    assert [turn["role"] for turn in messages] == ["user", "assistant", "user"]
    assert ("<spec_text_" in first, "<spec_headings_" in first) == (seen, not seen)
    assert ("Know who has which tool." in first) == (not seen)


@pytest.mark.django_db(transaction=True)
def test_talk_without_a_spec_has_no_such_block(model, feature_in):
    feature, _ = feature_in(Status.DRAFTING)

    answer(say(feature, "I lend tools."))

    assert read_by(model) == []
