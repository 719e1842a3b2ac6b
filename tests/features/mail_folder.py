"""A mail server that keeps mails as files, and may kill the process that sends (MAIL_DIE: before, after)."""

import os
import signal
import uuid
from pathlib import Path

from django.core.mail.backends.base import BaseEmailBackend


class Folder(BaseEmailBackend):
    def send_messages(self, messages):
        die = os.environ.get("MAIL_DIE")
        if die == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        for message in messages:
            path = Path(os.environ["MAIL_FOLDER"]) / uuid.uuid4().hex
            path.write_text(message.message().as_string())
        if die == "after":
            os.kill(os.getpid(), signal.SIGKILL)
        return len(messages)
