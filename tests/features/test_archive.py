import asyncio
import io
import json
import zipfile
from pathlib import Path

import pytest

from features import archive, artifacts
from features.models import Document
from features.statuses import Status
from tests.factories import FILES, TEST_FILES, add_files


def read(made):
    async def gather():
        return b"".join([chunk async for chunk in made.chunks])

    return zipfile.ZipFile(io.BytesIO(asyncio.run(gather())))


@pytest.mark.django_db(transaction=True)
def test_stream_holds_the_files_the_documents_and_the_facts(feature_in):
    feature, _ = feature_in(Status.DONE, title="Åsa's Tool Library!")

    made = archive.stream(feature)
    zipped = read(made)

    assert made.filename == "asas-tool-library-demo.zip"
    contents = {name.removeprefix("asas-tool-library-demo/"): zipped.read(name) for name in zipped.namelist()}
    files = {path: content for path, (_, content) in (FILES | TEST_FILES).items()}
    assert {path: contents[path] for path in files} == files
    assert set(contents) - set(files) == {
        "BUILD.json",
        *(f"docs/build-practical/{kind}.md" for kind in Document.Kind.values),
    }
    facts = json.loads(contents["BUILD.json"])
    assert facts["feature"] == {"id": feature.public_id, "title": "Åsa's Tool Library!", "status": "done"}
    assert facts["note"] == "Demo: fixed rules, no AI model, cost 0."
    assert [(d["kind"], d["revision"]) for d in facts["documents"]] == [
        ("brief", 1), ("spec", 1), ("plan", 1), ("tests", 1), ("security_review", 1), ("code_review", 1),
    ]  # fmt: skip
    assert {f["path"] for f in facts["files"]} == set(files)


@pytest.mark.django_db(transaction=True)
def test_stream_tells_our_facts_when_the_build_wrote_files_of_the_same_name(feature_in):
    feature, _ = feature_in(Status.REVIEW)
    forged = {"build.json": ("config", b"{}"), "docs/build-practical/spec.md": ("doc", b"# forged")}
    add_files(feature, forged)

    zipped = read(archive.stream(feature))

    folder = "tool-library-demo"
    assert json.loads(zipped.read(f"{folder}/BUILD.json"))["feature"]["id"] == feature.public_id
    assert zipped.read(f"{folder}/docs/build-practical/spec.md") == b"# spec\n\nBody of spec."
    assert len(zipped.namelist()) == len({name.casefold() for name in zipped.namelist()})


@pytest.mark.django_db(transaction=True)
def test_stream_adds_a_readme_when_the_build_wrote_none(feature_in):
    feature, _ = feature_in(Status.DONE)
    feature.artifacts.filter(path="README.md").delete()

    zipped = read(archive.stream(feature))

    assert b"npm test" in zipped.read("tool-library-demo/README.md")


@pytest.mark.django_db(transaction=True)
def test_stream_raises_nothing_to_download_when_there_are_no_files(feature_in):
    feature, _ = feature_in(Status.SPEC_READY)

    with pytest.raises(archive.NothingToDownload):
        archive.stream(feature)


@pytest.mark.django_db(transaction=True)
def test_stream_breaks_off_when_stored_bytes_were_changed(feature_in):
    feature, _ = feature_in(Status.DONE)
    artifact = artifacts.current(feature).get(path="src/main.ts")
    Path(artifacts.storage().path(artifact.storage_key)).write_bytes(b"x")

    with pytest.raises(artifacts.Damaged):
        read(archive.stream(feature))


@pytest.mark.django_db(transaction=True)
def test_read_raises_damaged_when_the_object_is_missing(feature_in):
    feature, _ = feature_in(Status.DONE)
    artifact = artifacts.current(feature).first()
    artifacts.storage().delete(artifact.storage_key)

    with pytest.raises(artifacts.Damaged):
        artifacts.read(artifact)


@pytest.mark.django_db(transaction=True)
def test_delete_feature_removes_rows_and_bytes(feature_in):
    from features import actions
    from features.models import Feature

    feature, _ = feature_in(Status.DONE)
    keys = list(feature.artifacts.values_list("storage_key", flat=True))

    late = artifacts.store(feature.workspace_id, feature.pk, b"uploaded by a worker that wrote no row")
    actions.delete_feature(feature=feature)

    assert Feature.objects.count() == 0
    assert [key for key in [*keys, late.storage_key] if artifacts.storage().exists(key)] == []
