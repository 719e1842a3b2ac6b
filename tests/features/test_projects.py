"""Projects: what they hold, what archiving and deleting leave, and the filter by project."""

import pytest
from django.urls import reverse

from accounts.models import Membership
from agents.models import AgentRun
from features import projects
from features.models import Feature, Project, Spec
from features.statuses import Status
from tests.factories import NOON, make_feature, make_project, make_spec
from tests.features.test_views_pages import queries_of_the_shell, text


def url(name, project):
    return reverse(f"features:project-{name}", args=[project.public_id])


def belongs(feature, project):
    projects.move_feature(feature=feature, project=project)
    return feature


def test_project_is_made_renamed_archived_and_restored(ada_client):
    made = ada_client.post(reverse("features:project-create"), {"name": "Club"})
    project = Project.objects.get()
    assert made.headers["Location"] == url("detail", project)

    ada_client.post(url("rename", project), {"name": "Garden club"})
    ada_client.post(url("archive", project))

    project.refresh_from_db()
    assert (project.name, project.archived_at is None) == ("Garden club", False)
    assert "This project is put away" in text(ada_client.get(url("detail", project)))
    ada_client.post(url("restore", project))
    project.refresh_from_db()
    assert project.archived_at is None


@pytest.mark.parametrize("name", ["", "  ", "x" * 201, "a\x00b"])
def test_project_refuses_a_name_and_keeps_the_old_one(ada_client, ada, name):
    project = make_project(ada, name="Old")

    new = ada_client.post(reverse("features:project-create"), {"name": name})
    again = ada_client.post(url("rename", project), {"name": name})

    assert (new.status_code, again.status_code) == (422, 422)
    assert 'role="alert"' in text(again)
    assert list(Project.objects.values_list("name", flat=True)) == ["Old"]


def test_archiving_twice_keeps_the_first_moment(ada_client, ada):
    project = make_project(ada)
    projects.archive_project(project=project, now=NOON)

    ada_client.post(url("archive", project))

    project.refresh_from_db()
    assert project.archived_at == NOON


def test_archived_project_keeps_what_it_holds_and_is_no_choice_any_more(ada_client, ada):
    project = make_project(ada, name="Last year")
    spec = make_spec(ada, project=project)
    feature = belongs(make_feature(ada, title="Still here"), project)
    projects.archive_project(project=project, now=NOON)

    assert "Still here" in text(ada_client.get(url("detail", project)))
    assert "Still here" in text(ada_client.get("/app"))
    assert "Last year" not in text(ada_client.get(reverse("features:spec-create")))
    # It stays a choice for what is in it: saving the form moves nothing.
    for path in (
        reverse("features:feature-move", args=[feature.public_id]),
        reverse("features:spec-move", args=[spec.public_id]),
    ):
        assert f'value="{project.public_id}" selected' in text(ada_client.get(path))


def test_delete_comes_after_archiving(ada_client, ada):
    project = make_project(ada)

    page = ada_client.post(url("delete", project), follow=True)

    assert "Put the project away first." in text(page)
    assert Project.objects.exists()


def test_delete_names_what_stays_and_deletes_the_project_alone(ada_client, ada):
    project = make_project(ada, name="Club")
    make_spec(ada, title="Rooms", project=project)
    for number in range(22):
        belongs(make_feature(ada, title=f"Tools {number}"), project)
    projects.archive_project(project=project, now=NOON)

    page = text(ada_client.get(url("delete", project)))
    assert Project.objects.exists()
    ada_client.post(url("delete", project))

    assert "22 features stay" in page
    assert "<li>Tools 21</li>" in page
    assert "<li>and 2 more</li>" in page
    assert "1 spec stays" in page
    assert "<li>Rooms</li>" in page
    assert not Project.objects.exists()
    assert (Feature.objects.filter(project=None).count(), Spec.objects.filter(project=None).count()) == (
        22,
        1,
    )


def test_feature_and_spec_are_moved_in_and_out(ada_client, ada):
    project, feature, spec = make_project(ada), make_feature(ada), make_spec(ada)
    moves = [
        (feature, reverse("features:feature-move", args=[feature.public_id])),
        (spec, reverse("features:spec-move", args=[spec.public_id])),
    ]

    for row, path in moves:
        ada_client.post(path, {"project": project.public_id})
        row.refresh_from_db()
        assert row.project == project
        ada_client.post(path, {"project": "", "sent": "yes"})
        row.refresh_from_db()
        assert row.project is None


def test_nothing_is_moved_into_a_project_of_another_workspace_of_the_same_person(ada_client, ada, bob):
    feature, spec, elsewhere = make_feature(ada), make_spec(ada), make_project(bob, name="Elsewhere")
    Membership.objects.create(workspace=bob.workspace, user=ada, role="member")

    for path in (
        reverse("features:feature-move", args=[feature.public_id]),
        reverse("features:spec-move", args=[spec.public_id]),
        reverse("features:spec-create"),
        reverse("features:spec-import"),
    ):
        response = ada_client.post(path, {"project": elsewhere.public_id, "title": "T", "body": "x"})
        assert response.status_code == 422
        assert "Elsewhere" not in text(ada_client.get(path))


def test_nothing_is_moved_into_a_project_of_others_or_one_that_is_put_away(ada_client, ada, bob):
    feature, spec = make_feature(ada), make_spec(ada)
    away = make_project(ada)
    projects.archive_project(project=away, now=NOON)

    for project in (make_project(bob), away):
        for path in (
            reverse("features:feature-move", args=[feature.public_id]),
            reverse("features:spec-move", args=[spec.public_id]),
            reverse("features:spec-create"),
        ):
            response = ada_client.post(path, {"project": project.public_id, "title": "T", "body": "x"})
            assert response.status_code == 422

    assert not Feature.objects.exclude(project=None).exists()
    assert not Spec.objects.exclude(project=None).exists()


@pytest.mark.parametrize("path", ["/app", "/app/work", "/app/features", "/app/features/rows", "/app/specs"])
def test_filter_shows_one_project_those_without_or_all(ada_client, ada, bob, path):
    project = make_project(ada, name="Club")
    rows = "spec" if path == "/app/specs" else "feature"
    if rows == "spec":
        make_spec(ada, title="Inside", project=project)
        make_spec(ada, title="Outside")
    else:
        belongs(make_feature(ada, title="Inside"), project)
        make_feature(ada, title="Outside")

    def shown(query):
        page = text(ada_client.get(path + query))
        return [title for title in ("Inside", "Outside") if title in page]

    assert shown("") == ["Inside", "Outside"]
    assert shown(f"?project={project.public_id}") == ["Inside"]
    assert shown("?project=none") == ["Outside"]
    # Neither a stranger's project nor nonsense tells or hides anything.
    assert shown(f"?project={make_project(bob).public_id}") == ["Inside", "Outside"]
    assert shown("?project=nonsense") == ["Inside", "Outside"]


@pytest.mark.parametrize("path", ["/app/features", "/app/specs"])
def test_filter_that_finds_nothing_leads_back(ada_client, ada, path):
    project = make_project(ada, name="Club")
    make_feature(ada)
    make_spec(ada)

    page = text(ada_client.get(f"{path}?project={project.public_id}"))

    assert "belongs to “Club”" in page
    assert f'<a class="button" href="{path}">' in page


def test_filter_survives_the_next_page_and_the_next_fetch(ada_client, ada):
    project = make_project(ada)
    for number in range(21):
        belongs(make_feature(ada, title=f"F{number}"), project)

    page = text(ada_client.get(f"/app/features?project={project.public_id}"))

    assert f"?page=2&amp;project={project.public_id}" in page
    assert f'hx-get="/app/features/rows?page=1&amp;project={project.public_id}"' in page


@pytest.mark.parametrize("rows", [1, 3])
def test_pages_make_the_same_queries_for_any_number_of_rows(ada_client, ada, django_assert_num_queries, rows):
    project = make_project(ada)
    for number in range(rows):
        make_project(ada, name=f"Other {number}")
        spec = make_spec(ada, project=project)
        feature = belongs(make_feature(ada), project)
        Feature.objects.filter(pk=feature.pk).update(spec_version=spec.versions.get())
    shell = queries_of_the_shell(ada_client)

    with django_assert_num_queries(shell + 2):
        ada_client.get(reverse("features:project-list"))
    with django_assert_num_queries(shell + 5):
        ada_client.get(url("detail", project))


def test_list_counts_features_and_specs_apart(ada_client, ada):
    project = make_project(ada)
    for _ in range(2):
        belongs(make_feature(ada), project)
        make_spec(ada, project=project)
    make_spec(ada, project=project)

    assert "2 features, 3 specs" in text(ada_client.get(reverse("features:project-list")))


def spend(feature, cost):
    AgentRun.objects.create(
        workspace=feature.workspace, feature=feature, step="drafting", agent="ba", provider="anthropic",
        model="m", prompt="ba", prompt_sha256="0" * 64, started_at=NOON, state="finished",
        cost_microusd=cost,
    )  # fmt: skip


def test_project_tells_what_its_features_have_cost(ada_client, ada):
    project = make_project(ada)
    spend(belongs(make_feature(ada), project), 40_000)
    spend(make_feature(ada), 990_000)

    part = text(ada_client.get(reverse("agents:project-runs", args=[project.public_id])))

    assert "Spent on its features so far: <strong>$0.04</strong>" in part


@pytest.mark.parametrize("rows", [1, 3])
def test_cards_tell_what_each_project_has_cost(ada_client, ada, bob, django_assert_num_queries, rows):
    dear, others = make_project(ada), [make_project(ada) for _ in range(rows)]
    strange = make_project(bob)
    for _ in range(rows):
        spend(belongs(make_feature(ada), dear), 40_000)
        spend(belongs(make_feature(bob), strange), 990_000)
    page = text(ada_client.get(reverse("features:project-list")))
    shell = queries_of_the_shell(ada_client)

    with django_assert_num_queries(shell + 2):
        parts = text(
            ada_client.get(
                reverse("agents:project-costs"),
                {"of": [project.public_id for project in (dear, strange, *others)]},
            )
        )

    assert f'id="project-cost-{dear.public_id}" hx-swap-oob="true">Cost ${0.04 * rows:.2f}</p>' in parts
    assert parts.count("Nothing spent yet") == rows
    assert strange.public_id not in parts
    assert f'id="project-cost-{dear.public_id}"' in page
    assert f"of={dear.public_id}&amp;" in page


def test_list_shows_thirty_projects_a_page_those_put_away_last(ada_client, ada):
    for number in range(31):
        make_project(ada, name=f"Club {number:02}")
    projects.archive_project(project=Project.objects.get(name="Club 00"), now=NOON)

    first, second = (text(ada_client.get(f"/app/projects?page={number}")) for number in (1, 2))

    assert (first.count("project-cost-"), second.count("project-cost-")) == (30, 1)
    assert "Put away" not in first
    assert "Club 00" in second
    assert "All your projects are put away" not in second
    assert 'href="/app/projects?page=2"' in first


def test_feature_page_names_its_spec_and_project(ada_client, ada, feature_in):
    feature, _ = feature_in(Status.SPEC_READY)
    spec = make_spec(ada, title="Tools of the club")
    Feature.objects.filter(pk=feature.pk).update(
        spec_version=spec.versions.get(), project=make_project(ada, name="Club")
    )

    page = text(ada_client.get(reverse("features:feature-detail", args=[feature.public_id])))

    assert (
        f'From the spec <a href="/app/specs/{spec.public_id}?version=1">Tools of the club</a>, version 1'
        in page
    )
    assert ">Club</a>" in page
