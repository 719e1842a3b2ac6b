"""Sends mail behind the request: no page waits for a mail server, and none fails with it.

For mails with a code or a link, which a person can ask for again; what must not get lost is a letter (letters.py).
"""

import logging
from concurrent.futures import ThreadPoolExecutor

logger = logging.getLogger(__name__)

# One thread: mails leave in order, and a server that is away holds up no more than that. Python lets it end
# its queue before the process ends.
_sender = ThreadPoolExecutor(1, thread_name_prefix="mail")


def send_later(message, *, template):
    """Queue the message. template: names it in the log when it cannot be sent."""
    _sender.submit(_send, message, template)


def wait():
    """Return when all that was queued before has been sent or given up."""
    _sender.submit(lambda: None).result()


def _send(message, template):
    try:
        message.send()
    except Exception as error:
        # No traceback: the exceptions of smtplib hold addresses and texts.
        logger.error("A mail could not be sent", extra={"template": template, "error": type(error).__name__})
