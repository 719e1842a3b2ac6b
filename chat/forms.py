"""What a person may send."""

from django import forms
from django.conf import settings

DRAFT_MAX_CHARS = 100_000


class MessageForm(forms.Form):
    """One message; `body` is cleaned but otherwise kept as typed."""

    # Not a CharField: its own checks speak of "null characters" and count line ends twice.
    body = forms.Field(required=False)

    def clean_body(self):
        text = _one_kind_of_newline(self.cleaned_data["body"])
        if not text.strip():
            raise forms.ValidationError("Write something first, then send it.")
        if len(text) > settings.MESSAGE_MAX_CHARS:
            raise forms.ValidationError(
                f"This message has {len(text):,} characters; at most {settings.MESSAGE_MAX_CHARS:,} fit into "
                "one. Shorten it, or save the long text under Specs and build from there. Your text is kept."
            )
        if unstorable(text):
            raise forms.ValidationError(
                "This message holds characters that are not text, perhaps copied from a file. "
                "Remove them, then send it again. Your text is kept."
            )
        return text.strip("\n")


def unstorable(text):
    """Tell whether the text has what no database keeps: NUL, or half of a character (lone surrogate)."""
    return "\x00" in text or any("\ud800" <= character <= "\udfff" for character in text)


def storable(text):
    """Return the text with "\\ufffd" in place of what no database keeps."""
    return text.replace("\x00", "\ufffd").encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def draft(text):
    """Return unsent text as it is kept, at most DRAFT_MAX_CHARS of it."""
    return storable(_one_kind_of_newline(text)[:DRAFT_MAX_CHARS])


def _one_kind_of_newline(text):
    # Browsers send each line end as two characters; the person typed one.
    return (text or "").replace("\r\n", "\n").replace("\r", "\n")
