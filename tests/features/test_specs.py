"""The library: every road into it keeps each byte, and its pages."""

import hashlib
import time

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.urls import reverse

from features import documents, specs
from features.models import Document, Feature, Source, Spec, SpecVersion
from features.spec_forms import ImportForm
from features.spec_text import MAX_BYTES, Unfit
from features.statuses import Status
from tests.factories import BRIEF, NOON, add_document, make_feature, make_project, make_spec
from tests.features.test_views_pages import queries_of_the_shell, text

START = "# Äpfel & <b>Birnen</b>\n\n- 🍏 `x`\n"
FULL = START + "Ein Satz mit 漢字. \n" * 45_000 + "\n\n  end"
FULL += "." * (MAX_BYTES - len(FULL.encode()))
EXCESS = "1 byte too long: it has 1,048,577 bytes, and a spec has at most 1,048,576"


def sha(body):
    return hashlib.sha256(body if isinstance(body, bytes) else body.encode()).hexdigest()


def url(name, spec, query=""):
    return reverse(f"features:spec-{name}", args=[spec.public_id]) + query


def post_new(client, body, **more):
    return client.post(reverse("features:spec-create"), {"title": "Apples", "body": body} | more)


def post_file(client, raw, name="apples.md", **more):
    file = SimpleUploadedFile(name, raw)
    return client.post(reverse("features:spec-import"), {"file": file} | more)


def downloaded(client, spec, query=""):
    return client.get(url("download", spec, query)).content


# --- roads: what goes in comes out, byte for byte ---------------------------------------------------------


@pytest.mark.parametrize(
    "body", [FULL, "\n\n  # Leading and trailing  \n\n\t", "\ufeffmark", "a\x01b\u200e\ufffd"]
)
def test_text_typed_in_a_browser_comes_out_of_the_download_byte_for_byte(ada_client, body):
    # A browser sends every line end as CR LF.
    post_new(ada_client, body.replace("\n", "\r\n"))

    spec = Spec.objects.get()
    version = spec.versions.get()
    assert (spec.source, version.sha256, version.size_bytes) == ("hand", sha(body), len(body.encode()))
    assert downloaded(ada_client, spec) == body.encode()


@pytest.mark.parametrize(
    "raw", [FULL.encode(), FULL.replace("\n", "\r", 99).encode(), b"\xef\xbb\xbfa\r\nb\rc\n\n", b"\n\nx \n"]
)
def test_imported_file_comes_out_of_the_download_byte_for_byte(ada_client, raw):
    post_file(ada_client, raw)

    spec = Spec.objects.get()
    assert (spec.source, spec.versions.get().sha256) == ("import", sha(raw))
    assert downloaded(ada_client, spec) == raw


def test_duplicate_is_the_same_to_the_byte(ada_client, ada):
    spec = make_spec(ada, body=FULL, title="x" * 200, project=make_project(ada))

    ada_client.post(url("duplicate", spec))

    copy = Spec.objects.exclude(pk=spec.pk).get()
    assert (copy.source, copy.title, copy.project_id) == ("duplicate", "x" * 193 + " (copy)", spec.project_id)
    assert copy.versions.get().sha256 == sha(FULL)
    assert downloaded(ada_client, copy) == FULL.encode()


def test_brief_of_a_conversation_is_kept_to_the_byte_and_once(ada_client, feature_in):
    feature, _ = feature_in(Status.DRAFTING)
    document = documents.add(feature, kind="brief", data=BRIEF, body=FULL, now=NOON)
    keep = reverse("features:brief-keep", args=[feature.public_id, document.revision])

    ada_client.post(keep)
    again = ada_client.post(keep, follow=True)

    spec = Spec.objects.get()
    assert (spec.source, spec.title, spec.versions.get().sha256) == ("chat", "Tool library", sha(FULL))
    assert "This brief is in your library already." in text(again)
    assert downloaded(ada_client, spec) == FULL.encode()


def test_wizard_makes_a_spec_of_exactly_the_largest_size(ada_client, ada):
    from features.wizard import text_of

    answers = {"title": "Apples", "purpose": "Know.", "data": ""}
    answers["data"] = "ä" * 1_000
    answers["data"] += "." * (MAX_BYTES - len(text_of(answers).encode()))
    specs.keep_answers(workspace=ada.workspace, user=ada, answers=answers, now=NOON)

    ada_client.post(reverse("features:spec-wizard") + "?step=5", {"go": "finish"})

    version = SpecVersion.objects.get()
    assert (version.size_bytes, version.source, version.sha256) == (
        MAX_BYTES,
        "wizard",
        sha(text_of(answers)),
    )


# --- one byte more ------------------------------------------------------------------------------------------


def test_form_refuses_one_byte_more_and_keeps_what_was_typed(ada_client):
    response = post_new(ada_client, FULL + "!")

    assert response.status_code == 422
    assert EXCESS in text(response)
    assert "</b>\n\n- 🍏" in response.content.decode().replace("&lt;", "<").replace("&gt;", ">")
    assert response.context["form"]["body"].value() == FULL + "!"
    assert not Spec.objects.exists()


def test_edit_refuses_one_byte_more_and_keeps_what_was_typed(ada_client, ada):
    spec = make_spec(ada)

    response = ada_client.post(url("edit", spec), {"title": "T", "body": FULL + "!", "base": 1})

    assert (response.status_code, EXCESS in text(response)) == (422, True)
    assert response.context["form"]["body"].value() == FULL + "!"
    assert spec.versions.count() == 1


def test_edit_counts_the_line_ends_that_the_browser_lost(ada_client, ada):
    spec = make_spec(ada, body="a\r\n" * 1_000, source="import")
    typed = "a\n" * 1_000 + "." * (MAX_BYTES - 3_000 + 1)

    response = ada_client.post(url("edit", spec), {"title": "T", "body": typed, "base": 1})

    assert (response.status_code, EXCESS in text(response)) == (422, True)


def test_import_refuses_one_byte_more(ada_client):
    response = post_file(ada_client, FULL.encode() + b"!", title="Kept")

    assert (response.status_code, EXCESS in text(response)) == (422, True)
    assert 'value="Kept"' in text(response)
    assert not Spec.objects.exists()


def test_brief_of_one_byte_more_is_not_kept(ada_client, feature_in):
    feature, _ = feature_in(Status.DRAFTING)
    document = documents.add(feature, kind="brief", data=BRIEF, body=FULL + "!", now=NOON)

    keep = reverse("features:brief-keep", args=[feature.public_id, document.revision])
    response = ada_client.post(keep, follow=True)

    assert EXCESS in text(response)
    assert not Spec.objects.exists()


def test_wizard_refuses_one_byte_more_and_keeps_what_was_typed(ada_client, ada):
    from features.wizard import text_of

    answers = {"title": "Apples", "purpose": "Know."}
    answers["data"] = "." * (MAX_BYTES + 1 - len(text_of(answers | {"data": "."}).encode()) + 1)
    specs.keep_answers(
        workspace=ada.workspace, user=ada, answers={"title": "Apples", "purpose": "Know."}, now=NOON
    )

    page = reverse("features:spec-wizard") + "?step=3"
    response = ada_client.post(page, {"data": answers["data"], "go": "next"})

    assert (response.status_code, EXCESS in text(response)) == (422, True)
    assert answers["data"] in response.content.decode()


def test_duplicate_and_every_other_writer_meet_the_same_limit(ada):
    with pytest.raises(Unfit, match=EXCESS):
        make_spec(ada, body=FULL + "!", source=Source.DUPLICATE)


def test_database_refuses_a_larger_version(ada):
    version = make_spec(ada).versions.get()

    with pytest.raises(IntegrityError), transaction.atomic():
        SpecVersion.objects.filter(pk=version.pk).update(size_bytes=MAX_BYTES + 1)


# --- files that are no specs --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("raw", "name", "words"),
    [
        (b"ok\nbad \xff\n", "a.md", "not UTF-8 text: line 2 (byte 8)"),
        ("Äpfel".encode("latin-1"), "a.txt", "not UTF-8 text: line 1 (byte 1)"),
        (b"\xed\xa0\x80", "a.md", "not UTF-8 text"),
        ("hello".encode("utf-16"), "a.txt", "This file is in UTF-16."),
        (b"a\x00b", "a.md", "characters that are not text (NUL)"),
        (b"", "a.md", "There is no text yet."),
        (b"  \n", "a.md", "There is no text yet."),
        (b"PK\x03\x04", "a.docx", "Only files that end in .md or .txt"),
    ],
)
def test_import_says_what_is_wrong_with_a_file(ada_client, raw, name, words):
    response = post_file(ada_client, raw, name)

    assert (response.status_code, words in text(response)) == (422, True)
    assert not Spec.objects.exists()


def test_import_without_a_file_asks_for_one(ada_client):
    response = ada_client.post(reverse("features:spec-import"), {"title": "T"})

    assert (response.status_code, "Choose a file first." in text(response)) == (422, True)


@pytest.mark.parametrize(
    ("raw", "name", "typed", "title"),
    [
        (b"# Tool club #\n", "x.md", "Mine", "Mine"),
        (b"\xef\xbb\xbf# Tool club\n", "x.MD", "", "Tool club"),
        (b"text\n\n## Rooms\n", "x.txt", "", "Rooms"),
        (b"no heading", "our rooms.txt", "", "our rooms"),
        (b"# ##\r\n# Rooms \t\r\n", "x.md", "", "Rooms"),
        (b"# Rooms\rand more", "x.md", "", "Rooms"),
        (b"# C#\n", "x.md", "", "C#"),
    ],
)
def test_import_takes_the_title_typed_or_the_first_heading_or_the_name(ada_client, raw, name, typed, title):
    post_file(ada_client, raw, name, title=typed)

    assert Spec.objects.get().title == title


def test_title_of_a_file_is_found_in_no_time_whatever_it_holds(ada):
    form = ImportForm(user=ada, workspace=ada.workspace)
    form.cleaned_data, form.file_name = {"file": "# x" + "#" * 19_990 + "y", "title": ""}, "x"
    began = time.process_time()

    title = form.title_or_guess

    assert title.startswith("x##")
    assert time.process_time() - began < 0.2


@pytest.mark.parametrize("title", ["", "x" * 201, "a\x00b"])
def test_form_refuses_a_title_and_keeps_the_text(ada_client, title):
    response = post_new(ada_client, "Each tool has a name.", title=title)

    assert response.status_code == 422
    assert "Each tool has a name." in text(response)


# --- versions -----------------------------------------------------------------------------------------------


def test_edit_writes_the_next_version_and_keeps_the_old_one(ada_client, ada):
    spec = make_spec(ada, body="old\n")

    ada_client.post(url("edit", spec), {"title": "New", "body": "new\r\n", "base": 1})

    spec.refresh_from_db()
    assert (spec.title, spec.revision, spec.source) == ("New", 2, "hand")
    assert list(spec.versions.values_list("number", "body")) == [(1, "old\n"), (2, "new\n")]
    assert downloaded(ada_client, spec, "?version=1") == b"old\n"


def test_edit_of_nothing_but_the_title_writes_no_version(ada_client, ada):
    spec = make_spec(ada, body="a\r\nb\r\n", source="import")

    ada_client.post(url("edit", spec), {"title": "New", "body": "a\r\nb\r\n", "base": 1})

    spec.refresh_from_db()
    assert (spec.title, spec.revision) == ("New", 1)
    assert downloaded(ada_client, spec) == b"a\r\nb\r\n"


def test_slower_tab_overwrites_nothing_and_keeps_what_was_typed(ada_client, ada):
    spec = make_spec(ada, body="one\n")
    ada_client.post(url("edit", spec), {"title": "T", "body": "first\n", "base": 1})

    late = ada_client.post(url("edit", spec), {"title": "Mine", "body": "second\n", "base": 1})

    assert late.status_code == 409
    assert "You began with version 1; meanwhile version 2 was saved." in text(late)
    assert (late.context["form"]["title"].value(), late.context["form"]["body"].value()) == (
        "Mine",
        "second\n",
    )
    assert 'name="base" value="2"' in text(late)
    assert spec.versions.count() == 2
    ada_client.post(url("edit", spec), {"title": "Mine", "body": "second\n", "base": 2})
    assert spec.versions.get(number=3).body == "second\n"


def test_two_writers_cannot_take_the_same_number(ada):
    spec = make_spec(ada)
    specs.edit_spec(spec=spec, base=1, title="T", body="a", actor=ada, now=NOON)

    with pytest.raises(specs.StaleSpec):
        specs.edit_spec(spec=spec, base=1, title="T", body="b", actor=ada, now=NOON)


@pytest.mark.parametrize("name", ["detail", "download"])
@pytest.mark.parametrize("number", ["9", "0", "x", "-1", "1" * 30])
def test_version_that_does_not_exist_is_a_404(ada_client, ada, name, number):
    assert ada_client.get(url(name, make_spec(ada), f"?version={number}")).status_code == 404


def test_changes_between_two_versions_are_told_in_words_and_signs(ada_client, ada):
    spec = make_spec(ada, body="same\nold <b>\n")
    specs.edit_spec(spec=spec, base=1, title="T", body="same\nnew\n", actor=ada, now=NOON)

    page = text(ada_client.get(url("diff", spec)))
    back = text(ada_client.get(url("diff", spec, "?from=2&to=1")))

    assert "1 line removed, 1 line added." in page
    assert (
        '<span class="visually-hidden">removed</span></td><td class="diff-text"><del>old &lt;b&gt;</del>'
        in page
    )
    assert "<ins>new</ins>" in page
    assert "<del>new</del>" in back
    assert "The text of both versions is the same." not in page


def test_any_two_of_many_versions_can_be_compared(ada_client, ada):
    spec = make_spec(ada, body="One.\n")
    first = spec.versions.get()
    facts = {name: getattr(first, name) for name in ("sha256", "size_bytes", "characters", "lines", "source")}
    SpecVersion.objects.bulk_create(
        SpecVersion(workspace=ada.workspace, spec=spec, number=n, body=f"{n}.\n", created_at=NOON, **facts)
        for n in range(2, 202)
    )
    Spec.objects.update(revision=201)

    page = text(ada_client.get(url("diff", spec, "?from=1&to=150")))

    assert 'name="from" min="1" max="201" required value="1"' in page
    assert "<del>One.</del>" in page
    assert "And 1 older" in text(ada_client.get(url("detail", spec)))


def test_changes_of_a_single_version_say_that_there_is_one(ada_client, ada):
    assert "This is the same version twice." in text(ada_client.get(url("diff", make_spec(ada))))


# --- pages --------------------------------------------------------------------------------------------------


def test_page_renders_markdown_safely_below_its_own_heading(ada_client, ada):
    body = "# Tools\n\n<script>alert(1)</script>\n\n[x](javascript:alert(1))\n\n- one\n"

    page = ada_client.get(url("detail", make_spec(ada, body=body))).content.decode()

    assert "<h2>Tools</h2>" in page
    assert "<script>alert" not in page
    assert 'href="javascript' not in page
    assert page.count("<h1") == 1


def test_page_shows_the_largest_text_plainly_and_whole(ada_client, ada):
    page = ada_client.get(url("detail", make_spec(ada, body=FULL)))

    assert "This text is long, so it is shown plainly" in text(page)
    assert page.content.decode().count("Ein Satz mit 漢字.") == FULL.count("Ein Satz mit 漢字.")


def test_library_tells_source_size_lines_and_the_last_build(ada_client, ada, bob):
    spec = make_spec(ada, body="one\ntwo\n", project=make_project(ada, name="Club"))
    make_spec(bob, title="Not hers")
    for number in range(2):
        feature = make_feature(ada, title=f"Build {number}")
        Feature.objects.filter(pk=feature.pk).update(spec_version=spec.versions.get())
    add_document(feature, "brief")

    page = text(ada_client.get(reverse("features:spec-list")))

    assert "Written by hand · Club" in page
    assert "8 characters, 2 lines, version 1" in page
    assert f'href="/app/features/{feature.public_id}" aria-label="Last build: Talking it through"' in page
    assert "Not hers" not in page


def test_empty_library_shows_four_ways(ada_client):
    page = text(ada_client.get(reverse("features:spec-list")))

    for words in ("Answer five questions", "Talk it through", "Write it yourself", "Import a file"):
        assert words in page


@pytest.mark.parametrize("rows", [1, 3])
def test_library_makes_the_same_queries_for_any_number_of_specs(
    ada_client, ada, django_assert_num_queries, rows
):
    for number in range(rows):
        spec = make_spec(ada, project=make_project(ada, name=f"Project {number}"))
        feature = make_feature(ada)
        Feature.objects.filter(pk=feature.pk).update(spec_version=spec.versions.get())
    shell = queries_of_the_shell(ada_client)

    with django_assert_num_queries(shell + 4):
        ada_client.get(reverse("features:spec-list"))


@pytest.mark.parametrize("rows", [1, 3])
def test_spec_page_makes_the_same_queries_for_any_number_of_versions_and_builds(
    ada_client, ada, django_assert_num_queries, rows
):
    spec = make_spec(ada)
    for number in range(rows):
        specs.edit_spec(spec=spec, base=number + 1, title="T", body=f"{number}", actor=ada, now=NOON)
        feature = make_feature(ada)
        Feature.objects.filter(pk=feature.pk).update(spec_version=spec.versions.last())
    shell = queries_of_the_shell(ada_client)

    with django_assert_num_queries(shell + 5):
        ada_client.get(url("detail", spec))
    with django_assert_num_queries(shell + 3):
        ada_client.get(url("diff", spec))


def test_library_reads_no_text(ada_client, ada, django_assert_num_queries):
    make_spec(ada, body="A marmalade wish.")

    with django_assert_num_queries(queries_of_the_shell(ada_client) + 4) as captured:
        ada_client.get(reverse("features:spec-list"))

    assert [query["sql"] for query in captured if '"body"' in query["sql"]] == []


def test_download_names_the_file_and_is_never_shown_as_a_page(ada_client, ada):
    response = ada_client.get(url("download", make_spec(ada, title='Äpfel/..";\n')))

    assert response.headers["Content-Disposition"] == 'attachment; filename="apfel-v1.md"'
    assert response.headers["Content-Type"] == "text/markdown; charset=utf-8"
    assert response.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"


def test_delete_names_versions_and_what_stays(ada_client, ada):
    spec = make_spec(ada)
    specs.edit_spec(spec=spec, base=1, title="T", body="b", actor=ada, now=NOON)
    feature = make_feature(ada, title="Built one")
    Feature.objects.filter(pk=feature.pk).update(spec_version=spec.versions.first())

    page = text(ada_client.get(url("delete", spec)))
    assert Spec.objects.exists()
    ada_client.post(url("delete", spec))

    assert "all its 2 versions" in page
    assert "<li>Built one (Talking it through)</li>" in page
    assert (Spec.objects.count(), SpecVersion.objects.count()) == (0, 0)
    feature.refresh_from_db()
    assert feature.spec_version_id is None


def test_brief_pages_offer_to_save_the_brief(ada_client, feature_in):
    feature, _ = feature_in(Status.DRAFTING)
    document = add_document(feature, "brief")
    keep = reverse("features:brief-keep", args=[feature.public_id, document.revision])

    for path in (
        reverse("features:feature-detail", args=[feature.public_id]),
        reverse("features:document-detail", args=[feature.public_id, "brief", 1]),
    ):
        assert f'action="{keep}"' in text(ada_client.get(path))


def test_only_a_brief_can_be_saved_as_a_spec(ada_client, feature_in):
    feature, document = feature_in(Status.SPEC_READY)
    assert document.kind == Document.Kind.SPEC

    missing = reverse("features:brief-keep", args=[feature.public_id, 7])

    assert ada_client.post(missing).status_code == 404
