"""Generated files on this machine and in a bucket: the same behaviour, and honest when the storage fails."""

import hashlib
import io
import json
import os
import zipfile
from datetime import timedelta
from urllib.parse import urlsplit

import httpx2
import pytest
from django.test import Client

from buildpractical.lib.clock import utcnow
from features import artifacts, links
from features.failures import Failure
from features.statuses import Status
from features.steps import StepError
from tests import factories
from tests.factories import FILES, NOON, make_feature
from tests.features.bucket import bucket, objects, s3_server  # noqa: F401
from tests.live import site  # noqa: F401

pytestmark = pytest.mark.django_db(transaction=True)
MAIN = FILES["src/main.ts"][1]


@pytest.fixture(params=["folder", "bucket"])
def place(request):
    """Both kinds of storage, by settings alone."""
    return request.getfixturevalue("bucket") if request.param == "bucket" else None


def main_file(feature):
    return artifacts.current(feature).get(path="src/main.ts")


def at(feature, file, rest=""):
    return f"/app/features/{feature.public_id}/files/{file.pk}{rest}"


def forget(file):
    artifacts.storage().delete(file.storage_key)


# --- both kinds alike -----------------------------------------------------------------------------------------


def test_file_is_stored_read_and_deleted(place, feature_in):
    feature, _ = feature_in(Status.DONE)
    file = main_file(feature)

    again = artifacts.store(feature.workspace_id, feature.pk, MAIN)

    assert artifacts.read(file) == MAIN
    assert again.storage_key == file.storage_key
    artifacts.storage().delete(file.storage_key)
    assert not artifacts.storage().exists(file.storage_key)


def test_deleted_feature_leaves_no_bytes(bucket, feature_in, ada_client):  # noqa: F811
    feature, _ = feature_in(Status.DONE)
    assert objects()

    ada_client.post(f"/app/features/{feature.public_id}/delete")

    assert objects() == []


def test_link_gives_the_file_to_anybody_for_a_few_minutes(place, feature_in, ada_client):
    feature, _ = feature_in(Status.DONE)

    there = ada_client.get(at(feature, main_file(feature), "/download")).headers["Location"]
    response = Client().get(there)

    assert response.content == MAIN
    assert response.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert response.headers["Content-Disposition"] == 'attachment; filename="main.ts"'
    assert response.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"


def test_info_tells_size_checksum_type_and_until_when_the_link_holds(place, feature_in, ada_client):
    feature, _ = feature_in(Status.DONE)
    file = main_file(feature)

    told = json.loads(ada_client.get(at(feature, file, "/info")).content)

    until = told.pop("download_expires_at")
    fetched = Client().get(urlsplit(told.pop("download_url")).path)
    assert told == {
        "path": "src/main.ts",
        "kind": "source",
        "type": "text/typescript",
        "size_bytes": len(MAIN),
        "sha256": hashlib.sha256(MAIN).hexdigest(),
        "created_at": file.created_at.isoformat(),
        "is_current": True,
    }
    assert fetched.content == MAIN
    assert (
        (utcnow() + timedelta(seconds=290)).isoformat()
        < until
        < (utcnow() + timedelta(seconds=300)).isoformat()
    )


def test_page_shows_what_is_known_of_the_file(feature_in, ada_client):
    feature, _ = feature_in(Status.DONE)

    page = ada_client.get(at(feature, main_file(feature))).content.decode()

    assert hashlib.sha256(MAIN).hexdigest() in page
    assert "Holds for 5 minutes" in page


def test_missing_object_is_told_on_the_page_and_gives_no_empty_file(place, feature_in, ada_client):
    feature, _ = feature_in(Status.DONE)
    file = main_file(feature)
    forget(file)

    page = ada_client.get(at(feature, file))
    fetched = ada_client.get(at(feature, file, "/download"), follow=True)

    assert (page.status_code, fetched.status_code) == (200, 503)
    assert "missing or damaged" in page.content.decode()


def test_changed_bytes_are_not_handed_out(place, feature_in, ada_client):
    feature, _ = feature_in(Status.DONE)
    file = main_file(feature)
    forget(file)
    artifacts.storage().save(file.storage_key, io.BytesIO(b"something else"))

    page = ada_client.get(at(feature, file))
    fetched = ada_client.get(at(feature, file, "/download"), follow=True)

    assert "missing or damaged" in page.content.decode()
    assert (fetched.status_code, b"something else" in fetched.content) == (503, False)


def test_whole_zip_comes_from_either_place(place, site, ada, feature_in):  # noqa: F811
    feature, _ = feature_in(Status.DONE)

    response = site.person(ada).get(f"/app/features/{feature.public_id}/download")

    zipped = zipfile.ZipFile(io.BytesIO(response.content))
    assert zipped.testzip() is None
    assert zipped.read("tool-library-demo/src/main.ts") == MAIN


@pytest.mark.parametrize("fault", ["missing", "cut", "away"])
def test_zip_that_breaks_off_does_not_look_whole(bucket, site, ada, feature_in, monkeypatch, fault):  # noqa: F811
    monkeypatch.setitem(factories.FILES, "src/big.bin", ("source", os.urandom(600_000)))
    feature, _ = feature_in(Status.DONE)
    if fault == "missing":
        forget(artifacts.current(feature).get(path="src/big.bin"))
    elif fault == "cut":
        bucket.cut_down = 100_000
    else:
        bucket.open = False

    with pytest.raises(httpx2.RemoteProtocolError):
        site.person(ada).get(f"/app/features/{feature.public_id}/download", timeout=60)


# --- links ------------------------------------------------------------------------------------------------------


def test_link_ends_and_cannot_be_changed(feature_in):
    feature, _ = feature_in(Status.DONE)
    file = main_file(feature)
    link = links.make(file, now=NOON)
    token = link.url.rpartition("/")[2]

    assert links.read(token, now=NOON + timedelta(seconds=299)) == (feature.workspace_id, file.pk)
    assert links.read(token, now=NOON + timedelta(seconds=300)) is None
    changed = [token[:n] + ("A" if token[n] != "A" else "B") + token[n + 1 :] for n in range(len(token))]
    # The last character of base64 has spare bits: it may mean the same.
    assert [links.read(one, now=NOON) for one in changed[:-1]] == [None] * (len(token) - 1)


def test_link_that_has_run_out_says_what_to_do(feature_in, client):
    feature, _ = feature_in(Status.DONE)
    link = links.make(main_file(feature), now=NOON - timedelta(days=1))

    response = client.get(link.url)

    assert response.status_code == 403
    assert "This link has run out" in response.content.decode()


def test_link_to_a_deleted_file_is_a_404(feature_in, client, ada_client):
    feature, _ = feature_in(Status.DONE)
    link = links.make(main_file(feature), now=utcnow())
    ada_client.post(f"/app/features/{feature.public_id}/delete")

    assert client.get(link.url).status_code == 404


def test_link_works_under_row_level_security(feature_in, client, as_app_role):
    feature, _ = feature_in(Status.DONE)
    link = links.make(main_file(feature), now=utcnow())
    as_app_role()

    assert client.get(link.url).content == MAIN


def test_direct_link_is_the_bucket_s_own_and_signed(bucket, feature_in, settings):  # noqa: F811
    settings.ARTIFACTS_DIRECT_LINKS = True
    feature, _ = feature_in(Status.DONE)

    link = links.make(main_file(feature), now=utcnow())
    response = httpx2.get(link.url, trust_env=False)

    assert urlsplit(link.url).port == bucket.port
    assert "X-Amz-Expires=300" in link.url
    assert "test-secret" not in link.url
    assert response.content == MAIN
    assert response.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert response.headers["Content-Disposition"] == 'attachment; filename="main.ts"'


# --- the storage fails ------------------------------------------------------------------------------------------


def test_upload_that_is_cut_in_the_middle_is_tried_again_later(bucket, ada):  # noqa: F811
    feature, content = make_feature(ada), os.urandom(300_000)
    bucket.cut_up = 100_000

    with pytest.raises(StepError) as failed:
        artifacts.store(feature.workspace_id, feature.pk, content)
    left = objects_when_mended(bucket)
    stored = artifacts.store(feature.workspace_id, feature.pk, content)

    assert (failed.value.failure, failed.value.permanent, left) == (Failure.STORAGE, False, [])
    assert objects() == [stored.storage_key]


def objects_when_mended(wire):
    wire.mend()
    return objects()


@pytest.mark.parametrize("fault", ["cut", "away"])
def test_page_says_so_when_the_storage_does_not_answer(bucket, feature_in, ada_client, fault, caplog):  # noqa: F811
    feature, _ = feature_in(Status.DONE)
    file = main_file(feature)
    if fault == "cut":
        bucket.cut_down = 10
    else:
        bucket.open = False

    page = ada_client.get(at(feature, file))
    fetched = Client().get(links.make(file, now=utcnow()).url)

    assert (page.status_code, fetched.status_code) == (503, 503)
    assert "does not answer just now" in page.content.decode()
    assert "Traceback" not in caplog.text


def test_folder_that_cannot_be_read_is_told_too(feature_in, ada_client):
    feature, _ = feature_in(Status.DONE)
    file = main_file(feature)
    path = artifacts.storage().path(file.storage_key)
    os.unlink(path)
    os.mkdir(path)  # reading it is an OSError other than a missing file

    page = ada_client.get(at(feature, file))

    assert page.status_code == 503
