"""The whole road of a newcomer in a real browser against real processes: sign-up to a zip that runs."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
import zipfile
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import expect

from tests.chromium import PATIENCE_MS

ROOT = Path(__file__).resolve().parent.parent.parent
PASSWORD = "a quiet harbour at dawn"


def free_ports():
    """Return a port whose neighbour is free too (web and simulator)."""
    while True:
        with socket.socket() as first, socket.socket() as second:
            first.bind(("127.0.0.1", 0))
            port = first.getsockname()[1]
            try:
                second.bind(("127.0.0.1", port + 1))
            except OSError:
                continue
            return port


@contextmanager
def product(data_dir, *, port=None, **env):
    """Run `manage.py up` on a data folder of its own; yields the address, ends it by SIGINT as Ctrl-C does."""
    port = port or free_ports()
    clean = {
        k: v for k, v in os.environ.items() if not k.startswith(("BP_", "DJANGO_", "DATABASE_", "TEST_"))
    }
    process = subprocess.Popen(
        [sys.executable, "manage.py", "up"],
        cwd=ROOT,
        env=clean | {"PORT": str(port), "DATA_DIR": str(data_dir)} | env,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        line = process.stdout.readline()
        assert line.startswith("Build Practical is ready: "), line
        yield line.split()[-1]
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(20)


def sign_up(page, url, email):
    """From the landing page to the dashboard."""
    page.goto(url)
    page.get_by_role("link", name=re.compile("start", re.I)).first.click()
    page.get_by_label("E-mail", exact=False).fill(email)
    page.get_by_label("Password", exact=False).first.fill(PASSWORD)
    page.get_by_role("button", name="Make my account").click()
    expect(page).to_have_url(re.compile(r"/app$"))


def start_demo(page):
    """From the dashboard to an empty conversation with the demo."""
    page.get_by_label("The offline demo").check()
    page.get_by_role("button", name="Start the conversation").click()
    expect(page.locator("#composer-text")).to_be_visible()


def say(page, text):
    """Send a message and wait until it is answered."""
    answers = page.locator(".bubble-assistant[data-state='complete']")
    before = answers.count()
    page.locator("#composer-text").fill(text)
    page.get_by_role("button", name="Send").click()
    expect(answers).not_to_have_count(before)
    expect(page.locator(".bubble-assistant[data-state='streaming']")).to_have_count(0)


def talk(page, sentences):
    """Hold the conversation until the brief is there; asks for it where it does not come by itself."""
    for sentence in sentences:
        if page.locator("#brief").count():
            break
        say(page, sentence)
    brief = page.locator("#brief")
    try:
        expect(brief).to_be_visible(timeout=6_000)
    except AssertionError:
        page.get_by_role("button", name="Write the brief").click()
        expect(brief).to_be_visible()


def confirm(page):
    page.get_by_role("button", name="Confirm the brief").click()


def approve_gates(page, kinds=("spec", "plan", "tests")):
    """Approve the documents as they come; returns the advice shown at each gate."""
    advice = {}
    for kind in kinds:
        panel = page.locator("#gate").filter(has_text=f"Your turn: the {kind}")
        expect(panel).to_be_visible()
        advice[kind] = "REVISE" if panel.get_by_text("Advice: revise").count() else "APPROVE"
        panel.get_by_role("button", name=re.compile("^Approve")).click()
        expect(panel).to_have_count(0)
    return advice


def download(page, folder):
    """Wait for the end, download the zip, unpack it; returns the folder of the app."""
    expect(page.get_by_role("heading", name="Your software is ready")).to_be_visible(timeout=4 * PATIENCE_MS)
    with page.expect_download() as waiting:
        page.get_by_role("link", name="Download").first.click()
    target = Path(folder) / waiting.value.suggested_filename
    waiting.value.save_as(target)
    with zipfile.ZipFile(target) as zipped:
        assert zipped.testzip() is None
        zipped.extractall(folder)
        top = {name.split("/")[0] for name in zipped.namelist()}
    assert len(top) == 1
    return Path(folder) / top.pop()


def npm_test(app, *, patience_seconds=240):
    """Do what the zip's README says; returns what npm printed."""
    output = ""
    for command in (["npm", "install", "--no-audit", "--no-fund"], ["npm", "test"]):
        done = subprocess.run(command, cwd=app, capture_output=True, text=True, timeout=patience_seconds)
        output += done.stdout + done.stderr
        assert done.returncode == 0, output
    return output


def take(page, url, folder, sentences, *, email):
    """Take the whole road; returns (folder of the unpacked app, advice at the gates, seconds by stage)."""
    began, seconds = time.monotonic(), {}

    def mark(stage):
        seconds[stage] = round(time.monotonic() - began, 1)

    sign_up(page, url, email)
    start_demo(page)
    mark("signed up")
    talk(page, sentences)
    mark("brief")
    confirm(page)
    advice = approve_gates(page)
    mark("gates")
    app = download(page, folder)
    mark("zip")
    return app, advice, seconds
