"""The download: a zip made while it is sent, in constant memory."""

import hashlib
from dataclasses import dataclass

from asgiref.sync import sync_to_async
from django.utils.text import slugify
from zipstream import ZIP_DEFLATED, ZipStream

from buildpractical.lib.connections import release_connection
from buildpractical.lib.safepath import PathError, safe_path
from features import artifacts, documents
from features.models import Document

CHUNK_BYTES = 64 * 1024
FILE_FACTS = ("path", "sha256", "size_bytes", "build")
DEMO_NOTE = "Demo: fixed rules, no AI model, cost 0."
HONEST_NOTE = "The code was read by a model against a checklist. It was not run and is not certified."


class NothingToDownload(Exception):
    """The feature has no finished files."""


@dataclass(frozen=True)
class Archive:
    """filename: of the zip. chunks: asynchronous iterator of bytes; makes no query."""

    filename: str
    chunks: object


def stream(feature):
    """Return the feature's Archive; three queries, all before the first byte.

    Everything stands in one folder named after the title: the files, BUILD.json, the documents under
    docs/build-practical/, and a README where the build wrote none. Raises NothingToDownload.
    """
    # Plain tuples: 5,000 rows as models are ten times as heavy.
    files = list(artifacts.current(feature).values_list(*FILE_FACTS, "storage_key", named=True))
    if not files:
        raise NothingToDownload
    folder = slugify(feature.title)[:60].strip("-") or "app"
    if feature.is_demo and not folder.endswith("demo"):
        folder = f"{folder}-demo"
    kept = list(
        Document.objects.filter(feature=feature, superseded_at=None).exclude(kind="brief", approved_at=None)
    )
    zipped = ZipStream(compress_type=ZIP_DEFLATED, compress_level=6)
    ours = {f"docs/build-practical/{d.kind}.md": d.body for d in kept}
    # Our facts stand before anything a model wrote under the same name.
    names = {"build.json", *(name.casefold() for name in ours)}
    seen = set()
    for file in files:
        name = safe_path(file.path)
        if name.casefold() in seen:
            raise PathError(f"two files are called {name}")
        seen.add(name.casefold())
        if name.casefold() not in names and not name.casefold().startswith("docs/build-practical/"):
            zipped.add(_pieces(file), f"{folder}/{name}")
    if "readme.md" not in seen:
        ours["README.md"] = _readme(feature)
    for name, text in ours.items():
        zipped.add(text.encode(), f"{folder}/{name}")
    zipped.add(_build_facts(feature, kept, files), f"{folder}/BUILD.json")
    return Archive(filename=f"{folder}.zip", chunks=_chunks(zipped))


def _build_facts(feature, kept, files):
    """Yield BUILD.json: the feature, its documents' revisions and hashes, and its files, one at a time."""
    facts = {
        "feature": {"id": feature.public_id, "title": feature.title, "status": feature.status},
        "provider": feature.provider,
        "note": DEMO_NOTE if feature.is_demo else HONEST_NOTE,
        "documents": [
            {
                "kind": d.kind,
                "revision": d.revision,
                "sha256": d.sha256,
                "approved_at": d.approved_at and d.approved_at.isoformat(),
                "recommendation": d.recommendation.get("verdict", ""),
            }
            for d in kept
        ],
        "files": [],
    }
    before, after = documents.canonical(facts).split('"files":[]')
    yield f'{before}"files":['.encode()
    for number, file in enumerate(files):
        one = documents.canonical({name: getattr(file, name) for name in FILE_FACTS})
        yield f"{',' if number else ''}{one}".encode()
    yield f"]{after}".encode()


def _readme(feature):
    demo = f"\n{DEMO_NOTE}\n" if feature.is_demo else ""
    return (
        f"# {feature.title}\n{demo}\n{HONEST_NOTE}\n\n## Start\n\nYou need Node.js 20 or newer.\n\n"
        "    npm install\n    npm test\n    npm start\n\n"
        "What was decided stands in docs/build-practical/. BUILD.json lists every file with its hash.\n"
    )


def _pieces(row):
    """Yield the stored bytes in pieces; raise at the end when they are not those that were saved.

    An error ends the answer without its last chunk: a browser then keeps no file that looks whole.
    """
    digest = hashlib.sha256()
    for piece in artifacts.pieces(row.storage_key):
        digest.update(piece)
        yield piece
    if digest.hexdigest() != row.sha256:
        raise artifacts.Damaged(row.path)


def _gather(zipped):
    """Return the next CHUNK_BYTES or so, so that one hop to a thread serves many small pieces."""
    parts, size = [], 0
    for part in zipped:
        parts.append(part)
        size += len(part)
        if size >= CHUNK_BYTES:
            break
    return b"".join(parts)


async def _chunks(zipped):
    # In the request's thread: a slow reader would hold its connection until the last byte.
    await sync_to_async(release_connection)()
    pieces = iter(zipped)
    while chunk := await sync_to_async(_gather, thread_sensitive=False)(pieces):
        yield chunk
