"""The library and projects in a real browser: the questions, a build, versions, two tabs, files."""

import hashlib
import re
import time

import pytest
from playwright.sync_api import expect

from agents.simulator.demo.brain import respond
from agents.simulator.server import running
from buildpractical.lib.clock import utcnow
from features import projects, specs
from features.models import Feature, Spec, SpecVersion
from features.spec_text import MAX_BYTES
from tests.factories import make_feature, make_project, make_spec, make_user, walk
from tests.live import wait_until

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

BODY = """# Tool library

We lend tools.

- Each tool has a name (required) and optional notes.
- Nothing is lent twice.
"""
LONG = "A tool library of the garden club with a rather long name that has to wrap somewhere"


@pytest.fixture
def demo(settings):
    """The offline demo, as it ships."""
    with running(respond) as server:
        settings.SIMULATOR_URL = server.base_url
        yield server


@pytest.fixture
def ada(site):
    return make_user()


def library(ada):
    """Fill ada's library and return one spec with two versions."""
    club = make_project(ada, name="Garden club")
    spec = make_spec(ada, body=BODY, project=club, now=utcnow())
    changed = BODY.replace("optional notes", "a place") + "\nNo payments.\n"
    specs.edit_spec(spec=spec, base=1, title=LONG, body=changed, actor=ada, now=utcnow())
    make_spec(ada, title="Rooms", source="wizard", now=utcnow())
    make_spec(ada, title="Bicycle repairs", source="import", body="x", now=utcnow())
    feature = make_feature(ada, title="Tools")
    Feature.objects.filter(pk=feature.pk).update(spec_version=spec.versions.last(), project=club)
    walk(feature, "spec_ready", actor=ada, now=utcnow())
    return spec


def test_library_and_projects_look(page, sign_in, shoot, ada):
    sign_in(page, ada)
    page.goto("/app/specs")
    shoot(page, "specs-empty")
    page.goto("/app/projects")
    shoot(page, "projects-empty")
    spec = library(ada)
    old = make_project(ada, name="Last year")
    projects.archive_project(project=old, now=utcnow())

    for path, name in (
        ("/app", "dashboard-filter"),
        ("/app/features", "features-filter"),
        ("/app/specs", "specs"),
        ("/app/specs/new", "spec-new"),
        ("/app/specs/import", "spec-import"),
        ("/app/specs/questions", "spec-questions"),
        (f"/app/specs/{spec.public_id}", "spec"),
        (f"/app/specs/{spec.public_id}?version=1", "spec-old"),
        (f"/app/specs/{spec.public_id}/edit", "spec-edit"),
        (f"/app/specs/{spec.public_id}/changes", "spec-changes"),
        (f"/app/specs/{spec.public_id}/delete", "spec-delete"),
        (f"/app/specs/{spec.public_id}/move", "spec-move"),
        ("/app/projects", "projects"),
        (f"/app/projects/{spec.project.public_id}", "project"),
        (f"/app/projects/{old.public_id}", "project-away"),
        (f"/app/projects/{old.public_id}/delete", "project-delete"),
        (f"/app/features/{Feature.objects.get().public_id}", "feature-from-spec"),
    ):
        assert page.goto(path).status == 200
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        shoot(page, name)


def test_project_from_its_beginning_to_its_end(open_page, sign_in, ada):
    page = open_page()
    sign_in(page, ada)
    spec = library(ada)
    feature = Feature.objects.get()
    page.goto("/app/projects")
    page.get_by_role("link", name="New project").click()
    page.get_by_label("Name").fill("Toys")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", name="Toys", level=1)).to_be_visible()

    page.goto(f"/app/features/{feature.public_id}")
    page.get_by_role("link", name="Move to another project").click()
    page.get_by_label("Project", exact=True).select_option("Toys")
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".origin").get_by_role("link", name="Toys")).to_be_visible()

    for path, there, away in (
        ("/app", feature.title, spec.title),
        ("/app/features", feature.title, None),
        ("/app/specs", None, spec.title),
    ):
        page.goto(path)
        page.get_by_label("Project", exact=True).select_option("Toys")
        page.get_by_role("button", name="Show").click()
        expect(page).to_have_url(re.compile(r"\?project=\w+$"))
        for title, count in ((there, 1), (away, 0)):
            if title:
                expect(page.locator("main a", has_text=title)).to_have_count(count)

    page.goto("/app/projects")
    expect(page.get_by_role("link", name="Toys")).to_contain_text("Nothing spent yet")
    page.get_by_role("link", name="Toys").click()
    page.get_by_role("link", name="Rename").click()
    page.get_by_label("Name").fill("Games")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("button", name="Put away").click()
    expect(page.get_by_text("This project is put away since")).to_be_visible()
    page.get_by_role("button", name="Bring it back").click()
    page.get_by_role("button", name="Put away").click()
    page.get_by_role("link", name="Delete").click()
    expect(page.get_by_role("listitem").filter(has_text=feature.title)).to_be_visible()
    page.get_by_role("button", name="Delete the project").click()

    expect(page.get_by_text("Its features and specs are still here")).to_be_visible()
    feature.refresh_from_db()
    assert feature.project is None


def test_narrowest_phone_does_not_scroll_sideways(open_page, sign_in, ada):
    spec = library(ada)
    page = open_page("390-light")
    page.set_viewport_size({"width": 360, "height": 740})
    sign_in(page, ada)

    for path in ("/app/specs", f"/app/specs/{spec.public_id}", "/app/projects", "/app/specs/questions"):
        page.goto(path)
        root = "document.documentElement"
        assert page.evaluate(f"{root}.scrollWidth - {root}.clientWidth") == 0, path


def read_back(page):
    expect(page.get_by_role("heading", name="Did we understand you?")).to_be_visible(timeout=30_000)


def test_from_the_questions_over_the_spec_to_a_build(page, open_page, sign_in, shoot, ada, demo):
    sign_in(page, ada)
    page.goto("/app/specs")
    page.get_by_role("link", name="Answer five questions").click()
    page.get_by_label("What shall we call it?").fill("Tool library")
    page.get_by_label("What shall it help with?").fill("Know who has which tool.")
    page.get_by_role("button", name="Next").last.click()
    page.get_by_label("Who uses it").fill("Volunteers")
    page.get_by_role("button", name="Back").click()
    expect(page.get_by_label("What shall we call it?")).to_have_value("Tool library")
    page.get_by_role("button", name="Next").last.click()
    expect(page.get_by_label("Who uses it")).to_have_value("Volunteers")
    page.get_by_role("button", name="Next").last.click()
    page.get_by_role("button", name="Next").last.click()
    expect(page.get_by_role("alert")).to_have_text("Please answer this one; a few words are enough.")
    shoot(page, "spec-questions-refused")
    page.get_by_label("What will you keep lists of").fill("Each tool has a name (required) and a place.")
    page.get_by_role("button", name="Next").last.click()
    page.get_by_role("button", name="Next").last.click()
    shoot(page, "spec-questions-last")
    page.get_by_role("button", name="Make the spec").click()
    expect(page.get_by_role("heading", name="Tool library", level=1)).to_be_visible()
    shoot(page, "spec-from-questions")

    page.get_by_role("button", name="Build this app").click()

    read_back(page)
    expect(page.get_by_text("Written from version 1 of your spec, read whole.")).to_be_visible()
    expect(page.get_by_role("listitem").filter(has_text="For each tool: name (required)")).to_be_visible()
    shoot(page, "feature-brief-from-spec")
    page.get_by_role("button", name="Confirm the brief").click()
    expect(page.get_by_role("heading", name="We are writing the spec")).to_be_visible()
    feature = Feature.objects.get()
    assert (feature.title, feature.spec_version.spec.title, feature.spec_version.number) == (
        *("Tool library", "Tool library"),
        1,
    )
    forget_422(open_page)


def test_questions_and_build_work_without_scripts(open_page, sign_in, ada, demo):
    page = open_page(scripts=False)
    sign_in(page, ada)
    page.goto("/app/specs/questions")
    page.get_by_label("What shall we call it?").fill("Tools")
    page.get_by_label("What shall it help with?").fill("Find them.")
    page.get_by_label("What shall we call it?").press("Enter")
    expect(page.get_by_text("Question 2 of 5")).to_be_visible()
    page.reload()
    page.get_by_role("button", name="Next").last.click()
    page.get_by_label("What will you keep lists of").fill("Each tool has a name.")
    page.get_by_role("button", name="Next").last.click()
    page.get_by_role("button", name="Next").last.click()
    page.get_by_role("button", name="Make the spec").click()
    page.get_by_role("button", name="Build this app").click()
    feature = Feature.objects.get()
    wait_until(lambda: feature.documents.exists(), seconds=30)

    page.reload()

    read_back(page)
    page.get_by_role("button", name="Save as spec").click()
    expect(page.get_by_text("Saved in your library.")).to_be_visible()
    kept = Spec.objects.get(source="chat")
    assert kept.versions.get().body == feature.documents.get().body
    page.get_by_role("button", name="Duplicate").click()
    expect(page.get_by_text("This is the copy.")).to_be_visible()
    assert Spec.objects.get(source="duplicate").versions.get().sha256 == kept.versions.get().sha256


def test_typing_is_kept_through_a_reload(open_page, sign_in, ada):
    page = open_page()
    sign_in(page, ada)
    page.goto("/app/specs/questions?step=3")
    with page.expect_response(lambda answer: answer.request.method == "POST") as saved:
        page.get_by_label("What will you keep lists of").press_sequentially("Each tool")
    assert saved.value.status == 204

    page.goto("/app/specs/questions?step=3")

    expect(page.get_by_label("What will you keep lists of")).to_have_value("Each tool")


def test_write_edit_compare_copy_and_download(open_page, sign_in, ada):
    page = open_page()
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    sign_in(page, ada)
    page.goto("/app/specs/new")
    page.get_by_label("Title").fill("Tools")
    page.get_by_label("Text").fill(BODY)
    page.get_by_role("button", name="Save").click()
    spec = Spec.objects.get()
    assert spec.versions.get().sha256 == sha(BODY)

    page.get_by_role("link", name="Edit").click()
    changed = BODY.replace("optional notes", "a place & <a shelf>")
    page.get_by_label("Text").fill(changed)
    page.get_by_role("button", name="Save as the next version").click()
    expect(page.get_by_text("Saved as version 2.")).to_be_visible()
    page.get_by_role("link", name="See what changed").click()
    expect(page.get_by_text("1 line removed, 1 line added.")).to_be_visible()
    expect(page.locator("ins")).to_have_text("- Each tool has a name (required) and a place & <a shelf>.")
    expect(page.locator("del")).to_have_text("- Each tool has a name (required) and optional notes.")

    page.goto(f"/app/specs/{spec.public_id}")
    page.get_by_role("button", name="Copy the text").click()
    expect(page.locator("#announcer")).to_have_text("Copied")
    expect(page.locator("[data-copy] ~ span")).to_have_text("Copied")
    assert page.evaluate("navigator.clipboard.readText()") == changed
    with page.expect_download() as waiting:
        page.get_by_role("link", name="Download").click()
    assert waiting.value.suggested_filename == "tools-v2.md"
    assert waiting.value.path().read_bytes() == changed.encode()


def test_copy_without_permission_marks_the_text(open_page, sign_in, ada):
    spec = make_spec(ada, body=BODY)
    page = open_page()
    page.add_init_script("Object.defineProperty(navigator, 'clipboard', { value: undefined })")
    sign_in(page, ada)
    page.goto(f"/app/specs/{spec.public_id}")

    page.get_by_role("button", name="Copy the text").click()

    expect(page.get_by_text("The text is marked: copy it by hand.")).to_be_visible()
    assert page.evaluate("getSelection().toString()").strip() == BODY.strip()


def test_typed_text_is_not_left_by_mistake(open_page, sign_in, ada):
    page = open_page()
    sign_in(page, ada)
    asked = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    page.goto("/app/specs/new")
    page.get_by_label("Text").press_sequentially("Each tool")

    page.get_by_role("link", name="Cancel").click()

    wait_until(lambda: asked == ["beforeunload"])
    expect(page.get_by_label("Text")).to_have_value("Each tool")
    page.get_by_label("Title").fill("Tools")
    page.get_by_label("Text").fill(" ")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("There is no text yet.")).to_be_visible()
    page.get_by_role("link", name="Cancel").click()
    wait_until(lambda: len(asked) == 2)
    page.get_by_label("Text").fill(BODY)
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved in your library.")).to_be_visible()
    assert len(asked) == 2
    forget_422(open_page)


def slowly(monkeypatch, module, name):
    real = getattr(module, name)

    def slow(**arguments):
        time.sleep(0.7)
        return real(**arguments)

    monkeypatch.setattr(module, name, slow)


def test_form_whose_button_is_pressed_twice_is_sent_once(open_page, sign_in, ada, monkeypatch):
    page = open_page()
    sign_in(page, ada)
    page.goto("/app/specs/new")
    page.get_by_label("Title").fill("Tools")
    page.get_by_label("Text").fill(BODY)

    slowly(monkeypatch, specs, "create_spec")

    # By the page itself: Playwright presses nothing while an answer is on its way.
    page.evaluate(
        """() => {
          const button = document.querySelector("main form button");
          for (const wait of [0, 300]) setTimeout(() => button.click(), wait);
        }"""
    )

    expect(page.get_by_text("Saved in your library.")).to_be_visible()
    assert Spec.objects.count() == 1

    page.go_back()
    page.get_by_label("Title").fill("More tools")
    page.get_by_label("Text").fill(BODY)
    page.get_by_role("button", name="Save").click()

    expect(page.get_by_role("heading", name="More tools")).to_be_visible()


def test_two_tabs_lose_nothing(open_page, sign_in, shoot, ada):
    spec = make_spec(ada, title="Tools", body=BODY)
    first = open_page()
    sign_in(first, ada)
    second = first.context.new_page()
    second.look = "1280-light"
    for tab, text in ((first, "first\n"), (second, "second\n")):
        tab.goto(f"/app/specs/{spec.public_id}/edit")
        tab.get_by_label("Text").fill(text)
    first.get_by_role("button", name="Save as the next version").click()
    expect(first.get_by_text("Saved as version 2.")).to_be_visible()

    second.get_by_role("button", name="Save as the next version").click()

    expect(second.get_by_text("There is a newer version.")).to_be_visible()
    expect(second.get_by_label("Text")).to_have_value("second\n")
    shoot(second, "spec-edit-newer")
    second.get_by_role("button", name="Save as the next version").click()
    expect(second.get_by_text("Saved as version 3.")).to_be_visible()
    assert list(spec.versions.values_list("body", flat=True)) == [BODY, "first\n", "second\n"]


def test_largest_text_goes_through_the_browser_byte_for_byte(open_page, sign_in, ada, tmp_path):
    body = "\n# Äpfel 🍏\n" + ("Ein Satz <mit> & 漢字. " * 20 + "\n") * 1_500
    body += "." * (MAX_BYTES - len(body.encode()))
    page = open_page()
    page.context.set_default_timeout(60_000)
    sign_in(page, ada)
    page.goto("/app/specs/new")
    page.get_by_label("Title").fill("Typed")
    put(page.get_by_label("Text"), body)
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("This text is long, so it is shown plainly")).to_be_visible(timeout=60_000)

    page.get_by_role("link", name="Edit").click()
    page.get_by_label("Title").fill("Typed again")
    page.get_by_role("button", name="Save as the next version").click()
    expect(page.get_by_text("Saved. The text is unchanged.")).to_be_visible(timeout=60_000)

    file = tmp_path / "apples.md"
    file.write_bytes(body.encode())
    page.goto("/app/specs/import")
    page.get_by_label("File").set_input_files(file)
    page.get_by_role("button", name="Import").click()
    expect(page.get_by_text("Saved in your library.")).to_be_visible(timeout=60_000)
    with page.expect_download() as waiting:
        page.get_by_role("link", name="Download").click()

    assert waiting.value.path().read_bytes() == body.encode()
    assert list(SpecVersion.objects.values_list("sha256", flat=True)) == [sha(body)] * 2


def test_one_byte_more_is_refused_in_the_browser_and_stays_typed(open_page, sign_in, ada):
    body = ("x" * 1_023 + "\n") * (MAX_BYTES // 1_024) + "!"
    page = open_page()
    page.context.set_default_timeout(60_000)
    sign_in(page, ada)
    page.goto("/app/specs/new")
    page.get_by_label("Title").fill("Typed")
    put(page.get_by_label("Text"), body)

    page.get_by_role("button", name="Save").click()

    expect(page.get_by_role("alert")).to_contain_text("This is 1 byte too long", timeout=60_000)
    assert sha(page.get_by_label("Text").input_value()) == sha(body)
    forget_422(open_page)


def forget_422(open_page):
    """The console tells of every page that refuses a form."""
    open_page.complaints[:] = [words for words in open_page.complaints if "status of 422" not in words]


def put(box, text):
    """Put the text in at once: typing it in takes the browser minutes."""
    box.evaluate("(box, text) => { box.value = text }", text)


def sha(text):
    return hashlib.sha256(text.encode()).hexdigest()
