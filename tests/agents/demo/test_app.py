"""The generated app, for real: checked by two versions of TypeScript, tested by its own tests, and used."""

import http.client
import json
import os
import re
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from urllib.parse import urlencode

import pytest

from agents.simulator.demo import fields
from tests.agents.demo import asking
from tests.agents.demo.conversations import CASES

SIX = ["library", "plants", "invoices", "rooms", "volunteers", "vague"]
ODD = (
    "Each class has a constructor, an id, a 2nd étiquette, a __proto__, a default (yes 'quoted', \"double\", "
    "A&B, <b>, `tick` ${x}), a new, a 日本, whether it is null and a case (required).\n"
    "Each function has a class, an await, a q, a status (</script>, back\\slash, it's).\n"
    "Each select has a table, a where, an order, a group and a from."
)
# Left over by an earlier run on the same machine: installing takes longer than everything else here.
CACHE = Path(tempfile.gettempdir()) / f"bp-demo-node-{os.getuid()}"


def _give_up(why):
    if os.environ.get("REQUIRE_BROWSER") == "1":
        pytest.fail(why)
    pytest.skip(why)


def _run(folder, *command, timeout=120):
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=timeout)


def _node_modules(typescript):
    """Return a node_modules with that TypeScript; skips where npm cannot install it."""
    if not shutil.which("npm"):
        _give_up("npm is not installed: install Node 20 or newer to run the generated apps")
    folder = CACHE / f"typescript-{typescript}"
    if (folder / "node_modules" / ".bin" / "tsc").exists():
        return folder / "node_modules"
    CACHE.mkdir(mode=0o700, exist_ok=True)
    draft = Path(tempfile.mkdtemp(dir=CACHE))
    packages = {"typescript": typescript, "@types/node": "^20.17.0"}
    (draft / "package.json").write_text(json.dumps({"private": True, "devDependencies": packages}))
    done = _run(draft, "npm", "install", "--no-audit", "--no-fund", timeout=300)
    if done.returncode:
        _give_up(f"npm cannot install TypeScript {typescript}: {done.stderr[-300:]}")
    try:
        draft.rename(folder)
    except OSError:
        # Another run was faster.
        shutil.rmtree(draft)
    return folder / "node_modules"


def _app(folder, messages, typescript):
    """Write the app of a conversation into a folder, with its packages."""
    modules = _node_modules(typescript)
    _, spec, plan, index = asking.documents_of(messages)
    for path, content in asking.all_files(spec, plan, index).items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(content, encoding="utf-8")
    (folder / "node_modules").symlink_to(modules)
    return index


def _assert_passes(folder, index):
    done = _run(folder, "npm", "test")
    assert done.returncode == 0, done.stdout[-3_000:] + done.stderr[-1_000:]
    assert (
        f"# pass {len(index['tests'])}\n" in done.stdout or f"ℹ pass {len(index['tests'])}\n" in done.stdout
    )


@pytest.mark.parametrize("name", SIX)
def test_app_passes_its_own_tests_with_typescript_7(tmp_path, name):
    _assert_passes(tmp_path, _app(tmp_path, CASES[name][0], "~7.0"))


@pytest.mark.parametrize("messages", [CASES["rooms"][0], [ODD]], ids=["rooms", "odd names"])
def test_app_passes_its_own_tests_with_typescript_5(tmp_path, messages):
    _assert_passes(tmp_path, _app(tmp_path, messages, "~5.9"))


def test_app_with_odd_names_keeps_them_as_labels(tmp_path):
    _app(tmp_path, [ODD], "~5.9")

    types = (tmp_path / "src/types.ts").read_text(encoding="utf-8")
    assert [label in types for label in ('"Constructor"', '"2nd étiquette"', '"日本"', '"A&B"')] == [True] * 4


def test_package_accepts_both_typescripts_and_has_no_package_at_run_time(tmp_path):
    _app(tmp_path, CASES["library"][0], "~7.0")

    package = json.loads((tmp_path / "package.json").read_text())

    assert package["devDependencies"] == {"@types/node": "^20.17.0", "typescript": ">=5.9 <8"}
    assert "dependencies" not in package


# --- the running app ----------------------------------------------------------------------------------------


class Site:
    def __init__(self, port):
        self.port = port
        self.origin = f"http://localhost:{port}"

    def ask(self, method, path, form=None, **headers):
        """Return (status, text, headers) of one request. form: a dict or bytes."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        body = urlencode(form) if isinstance(form, dict) else form
        sent = {"Host": f"localhost:{self.port}"}
        if body is not None:
            sent |= {"Content-Type": "application/x-www-form-urlencoded", "Origin": self.origin}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, path, body=body, headers=sent)
        answer = connection.getresponse()
        text = answer.read().decode()
        connection.close()
        return answer.status, text, dict(answer.getheaders())


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("site")
    _app(
        folder,
        ["Each tool has a name, a price, a category (hand, power), a contact e-mail and notes."],
        "~7.0",
    )
    built = _run(folder, "npm", "run", "build")
    assert built.returncode == 0, built.stdout
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen(["node", "dist/src/main.js"], cwd=folder, env=os.environ | {"PORT": str(port)})
    _wait_for(port)
    yield Site(port)
    process.terminate()
    assert process.wait(10) == 0
    assert oct((folder / "data/app.json").stat().st_mode & 0o777) == "0o600"


def _wait_for(port):
    end = time.monotonic() + 20
    while True:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        assert time.monotonic() < end, "the app did not start"
        time.sleep(0.05)


TOOL = {"name": "A&B <i>", "price": "3,50", "category": "hand", "contactEmail": "a@example.org", "notes": ""}


def test_form_that_is_right_is_saved_and_shown_as_typed(site):
    status, _, headers = site.ask("POST", "/tools", TOOL)

    assert (status, headers["Location"]) == (303, "/tools")
    _, page, _ = site.ask("GET", "/tools")
    cells = ["A&amp;B &lt;i&gt;", "3.50", "hand", "a@example.org", ""]
    assert re.findall(r'<td data-label="[^"]+">([^<]*)</td>', page)[:5] == cells
    assert "A&B <i>" not in page


def test_price_below_zero_is_refused(site):
    status, page, _ = site.ask("POST", "/tools", TOOL | {"price": "-3"})

    assert status == 422
    assert "must not be less than 0" in page


@pytest.mark.parametrize(
    ("label", "numbers"),
    [
        ("price", "money"),
        ("price in euros", "money"),
        ("amount", "positive"),
        ("number of seats", "count"),
        ("quantity", "count"),
        ("temperature value", "any"),
    ],
)
def test_name_of_a_number_says_which_numbers_it_takes(label, numbers):
    assert fields.numbers_of(fields.Field(label, "number")) == numbers


def test_form_with_wrong_details_names_each_of_them(site):
    before = site.ask("GET", "/tools")[1]

    status, page, _ = site.ask(
        "POST",
        "/tools",
        {"name": " ", "price": "1e9", "category": "foot", "contactEmail": "x", "notes": "kept"},
    )

    assert status == 422
    for key, why in [
        ("name", "Name</a> must be filled in"),
        ("price", "Price</a> must be a number"),
        ("category", "Category</a> must be one of: hand, power"),
        ("contactEmail", "Contact e-mail</a> must be an e-mail address"),
    ]:
        assert f'<a href="#f-{key}">{why}' in page
        assert f'aria-invalid="true" aria-describedby="p-{key}"' in page
    assert ">\nkept</textarea>" in page
    assert site.ask("GET", "/tools")[1] == before


def test_unknown_details_of_a_form_are_left_out(site):
    site.ask("POST", "/tools", TOOL | {"name": "Plain", "id": "mine", "admin": "intruder", "__proto__": "x"})

    assert "intruder" not in site.ask("GET", "/tools?q=Plain")[1]


@pytest.mark.parametrize(
    ("method", "path", "form", "headers", "status"),
    [
        ("POST", "/tools", TOOL, {"Origin": "http://example.org"}, 403),
        ("POST", "/tools", TOOL, {"Origin": "null"}, 403),
        ("POST", "/tools", TOOL, {"Sec_Fetch_Site": "cross-site"}, 403),
        ("GET", "/tools", None, {"Host": "evil.example"}, 403),
        ("GET", "/tools", None, {"Host": "a b"}, 400),
        ("POST", "/tools", TOOL, {"Content_Type": "text/plain"}, 415),
        ("POST", "/tools", b"name=" + b"x" * 70_000, {}, 413),
        ("PUT", "/tools", TOOL, {}, 405),
        ("DELETE", "/", None, {}, 405),
        ("POST", "/tools/new", TOOL, {}, 404),
        ("GET", "/nothing", None, {}, 404),
        ("GET", "/tools/../../etc/passwd", None, {}, 404),
        ("GET", "/tools/%00", None, {}, 404),
        ("GET", "/tools/x/delete/y", None, {}, 404),
        ("GET", "/constructor", None, {}, 404),
        ("HEAD", "/tools", None, {}, 200),
        ("GET", "/", None, {}, 303),
        ("GET", "/app.css", None, {}, 200),
    ],
)
def test_request_gets_its_status(site, method, path, form, headers, status):
    answer = site.ask(method, path, form, **headers)

    assert answer[0] in ({404, 405} if (method, path) == ("POST", "/tools/new") else {status})


def test_every_answer_is_protected(site):
    for path in ("/tools", "/app.css", "/nothing", "/tools/new"):
        _, _, headers = site.ask("GET", path)
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Content-Security-Policy"].startswith("default-src 'none'; style-src 'self'")
        assert "utf-8" in headers["Content-Type"]


def test_pages_hold_no_script_and_name_every_input(site):
    _, page, _ = site.ask("GET", "/tools/new")

    assert "<script" not in page
    for key in TOOL:
        assert f'<label for="f-{key}">' in page
        assert f'id="f-{key}" name="{key}"' in page
    assert page.count(" *</label>") == 4
