"""The download of a feature with 5,000 files, by real HTTP."""

import random
import tempfile
import time
import zipfile

import httpx2

from buildpractical.lib.clock import utcnow
from features import artifacts
from features.models import Artifact
from features.statuses import Status
from tests.bench import processes
from tests.bench.people import make_person
from tests.bench.table import Figure, percentile
from tests.factories import make_feature, walk

FILES, FILE_BYTES = 5_000, 10_000
FIRST_BYTES = 7
MB = 1_000_000
WORDS = ["const", "return", "export", "function", "string", "number", "tool", "name", "save"]


def measure():
    """Return memory growth of the web process, time to the first byte, and speed."""
    person = make_person("zip")
    small, large = _finished(person), _finished(person)
    _add_files(large)
    with processes.web() as (url, process), _browser(person, url) as http:
        # What the server loads on first use is no growth of this download.
        _download(http, small)
        processes.wait_until_settled(process.pid)
        with processes.Memory(process.pid) as memory:
            start = time.perf_counter()
            size_bytes = _download(http, large, files=FILES)
            seconds = time.perf_counter() - start
        first = [_first_byte(http, large) for _ in range(FIRST_BYTES)]
    about = f"zip of {FILES:,} files, {FILES * FILE_BYTES // MB} MB"
    return [
        Figure(
            f"{about}: memory growth",
            memory.growth / MB,
            "MB",
            hold=30,
            ratio=memory.most / memory.before,
            note=f"web process, from {memory.before / MB:.0f} to {memory.most / MB:.0f} MB at most",
        ),
        Figure(
            f"{about}: first byte",
            percentile(first, 50) * 1000,
            "ms",
            hold=300,
            note=f"median of {FIRST_BYTES}, slowest {max(first) * 1000:.0f} ms",
        ),
        Figure(
            f"{about}: whole download",
            seconds,
            "s",
            note=f"{size_bytes / MB:.1f} MB sent, checked file by file",
        ),
    ]


def _browser(person, url):
    return httpx2.Client(base_url=url, cookies=person.cookies, trust_env=False, timeout=30)


def _finished(person):
    feature = make_feature(person, now=utcnow())
    walk(feature, Status.DONE, actor=person, now=utcnow())
    return feature


def _add_files(feature):
    """Give the feature FILES files of FILE_BYTES each, all different, as compressible as code is."""
    words = random.Random(7).choices(WORDS, k=4_000)
    text = " ".join(words).encode()[: FILE_BYTES - 20]
    now, rows = utcnow(), []
    for number in range(FILES):
        content = (b"// file %06d\n" % number + text).ljust(FILE_BYTES, b"\n")
        stored = artifacts.store(feature.workspace_id, feature.pk, content)
        path = f"src/part{number % 50:02}/file{number:06}.ts"
        rows.append(
            Artifact(
                workspace_id=feature.workspace_id, feature=feature, build=1, path=path, kind="source",
                sha256=stored.sha256, size_bytes=stored.size_bytes, storage_key=stored.storage_key,
                created_at=now,
            )
        )  # fmt: skip
    Artifact.objects.bulk_create(rows)


def _path(feature):
    return f"/app/features/{feature.public_id}/download"


def _download(http, feature, *, files=0):
    """Fetch the zip, check it, and return its size."""
    with tempfile.TemporaryFile() as file:
        with http.stream("GET", _path(feature)) as response:
            assert response.status_code == 200, response.status_code
            for chunk in response.iter_raw():
                file.write(chunk)
        size_bytes = file.tell()
        with zipfile.ZipFile(file) as zipped:
            assert zipped.testzip() is None
            large = [entry for entry in zipped.infolist() if entry.file_size == FILE_BYTES]
        assert len(large) == files
    return size_bytes


def _first_byte(http, feature):
    """Return the seconds until the first byte of the zip; the rest is not fetched."""
    start = time.perf_counter()
    with http.stream("GET", _path(feature)) as response:
        next(response.iter_raw())
        return time.perf_counter() - start
