import hashlib
import shutil
import subprocess
import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytest
from django.conf import settings


@pytest.fixture
def checkout(tmp_path, monkeypatch):
    """A checkout with a small lock file; `calls` keeps the commands instead of running them."""
    folder = tmp_path / "requirements"
    folder.mkdir()
    shutil.copy(Path(settings.BASE_DIR, "requirements", "install.py"), folder)
    (folder / "base.txt").write_text("one==1\n")
    spec = spec_from_file_location("install", folder / "install.py")
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    module.calls = []
    monkeypatch.setattr(sys, "argv", ["install.py", "base"])

    def call(command):
        module.calls.append(command[1:4])
        python = tmp_path / ".venv" / "bin" / "python"
        python.parent.mkdir(parents=True, exist_ok=True)
        python.touch()
        return 0

    monkeypatch.setattr(subprocess, "call", call)
    return module


def test_install_first_time_makes_venv_and_installs(checkout):
    checkout.main()

    assert checkout.calls == [
        ["-m", "venv", str(checkout.ROOT / ".venv")],
        ["-m", "pip", "--disable-pip-version-check"],
    ]
    digest = hashlib.sha256(b"one==1\n").hexdigest()
    assert (checkout.ROOT / ".venv" / ".base.sha256").read_text() == digest


def test_install_second_time_does_nothing(checkout):
    checkout.main()
    checkout.calls.clear()

    checkout.main()

    assert checkout.calls == []


def test_install_changed_lock_installs_again(checkout):
    checkout.main()
    checkout.calls.clear()
    (checkout.ROOT / "requirements" / "base.txt").write_text("one==2\n")

    checkout.main()

    assert checkout.calls == [["-m", "pip", "--disable-pip-version-check"]]


@pytest.mark.parametrize("version", [(3, 9, 2), (3, 10, 14)])
def test_install_old_python_says_which_and_what_to_do(checkout, monkeypatch, version):
    monkeypatch.setattr(sys, "version_info", version)

    with pytest.raises(SystemExit) as stop:
        checkout.main()

    assert f"is {version[0]}.{version[1]}. " in stop.value.code
    assert "make run PYTHON=python3.12" in stop.value.code


def test_install_newer_python_than_tried_says_so_and_goes_on(checkout, monkeypatch, capsys):
    monkeypatch.setattr(sys, "version_info", (3, 14, 0))

    checkout.main()

    assert capsys.readouterr().out.startswith("Python 3.14 is newer than what this was tried with")
    assert checkout.calls != []


def test_install_failed_leaves_no_stamp(checkout, monkeypatch):
    monkeypatch.setattr(subprocess, "call", lambda command: "pip" in command)
    (checkout.ROOT / ".venv" / "bin").mkdir(parents=True)
    (checkout.ROOT / ".venv" / "bin" / "python").touch()

    with pytest.raises(SystemExit):
        checkout.main()

    assert not (checkout.ROOT / ".venv" / ".base.sha256").exists()
