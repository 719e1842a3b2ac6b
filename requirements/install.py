"""`python3 requirements/install.py base|dev`: make .venv and put the locked requirements in.

Does nothing when the lock file has not changed since the last time. Standard library only; the syntax must be
readable for old Pythons, so that they can say what is missing.
"""

import hashlib
import subprocess
import sys
from pathlib import Path

OLDEST, TRIED = (3, 11), (3, 13)
ROOT = Path(__file__).resolve().parent.parent


def main():
    name = sys.argv[1]
    if sys.version_info[:2] < OLDEST:
        sys.exit(
            "Build Practical needs Python 3.11 or newer; {} is {}.{}. Name another one, for example:\n"
            "  make run PYTHON=python3.12".format(sys.executable, *sys.version_info[:2])
        )
    if sys.version_info[:2] > TRIED:
        say(
            "Python {}.{} is newer than what this was tried with (3.11 to 3.13)".format(*sys.version_info[:2])
        )
    venv = ROOT / ".venv"
    python = venv / "bin" / "python"
    lock = ROOT / "requirements" / (name + ".txt")
    stamp = venv / ("." + name + ".sha256")
    digest = hashlib.sha256(lock.read_bytes()).hexdigest()
    if python.exists() and stamp.exists() and stamp.read_text() == digest:
        return
    if not python.exists():
        say("Making .venv")
        if subprocess.call([sys.executable, "-m", "venv", str(venv)]):  # noqa: S603
            sys.exit("Python's venv module is missing. On Debian and Ubuntu: apt-get install python3-venv")
    say("Installing requirements; the first time takes a minute or two")
    pip = [str(python), "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
    if subprocess.call([*pip, "--require-hashes", "--requirement", str(lock)]):  # noqa: S603
        sys.exit("The requirements could not be installed; the reason stands above. It is safe to try again.")
    stamp.write_text(digest)


def say(words):
    sys.stdout.write(words + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
