"""What people send, checked; each form names its fields."""

from django import forms
from django.conf import settings

from features.models import Feature

LONG = "This is longer than it may be: at most %(limit_value)d characters, and it has %(show_value)d."


class StartForm(forms.Form):
    """Which way a new feature goes. idea: key of features.ideas.IDEAS, or nothing."""

    provider = forms.ChoiceField(choices=Feature.Provider.choices)
    idea = forms.SlugField(required=False, max_length=20)

    def clean_provider(self):
        provider = self.cleaned_data["provider"]
        if provider == Feature.Provider.DEMO and not settings.DEMO_ENABLED:
            raise forms.ValidationError("The demo is switched off here.")
        return provider


class TitleForm(forms.Form):
    title = forms.CharField(
        max_length=200,
        error_messages={
            "required": "A title needs at least one character. The old one was kept.",
            "max_length": "A title has at most 200 characters; this one has %(show_value)d. The old one was kept.",
        },
    )


class DocumentForm(forms.Form):
    """The revision that the person looked at when deciding."""

    document = forms.IntegerField(min_value=1, max_value=2**63 - 1)


class LimitForm(forms.Form):
    """The spending limit that the person looked at when raising it, in micro-USD."""

    limit = forms.IntegerField(min_value=0, max_value=2**62)


class LinesField(forms.CharField):
    """One thing a line; cleans to a list without empty lines."""

    def __init__(self, *, most, **kwargs):
        super().__init__(widget=forms.Textarea(attrs={"rows": 4}), max_length=20_000, **kwargs)
        self.most = most
        self.error_messages["max_length"] = LONG

    def clean(self, value):
        lines = [line.strip().removeprefix("- ").strip() for line in super().clean(value).splitlines()]
        lines = [line for line in lines if line]
        if len(lines) > self.most:
            raise forms.ValidationError(f"At most {self.most} lines, please: there are {len(lines)}.")
        longest = max((len(line) for line in lines), default=0)
        if longest > 2_000:
            raise forms.ValidationError(f"A line has at most 2,000 characters; one has {longest:,}.")
        return lines

    def prepare_value(self, value):
        return "\n".join(value) if isinstance(value, list | tuple) else value


class BriefForm(forms.Form):
    """The brief, part by part, for the person to correct."""

    title = forms.CharField(
        label="Name",
        max_length=200,
        error_messages={"required": "Please give it a name.", "max_length": LONG},
    )
    purpose = forms.CharField(
        label="What it is for",
        max_length=2_000,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Please say in one sentence what it is for.", "max_length": LONG},
    )
    users = LinesField(
        label="Who uses it",
        help_text="One group of people a line.",
        most=20,
        error_messages={"required": "Please name at least one group of people."},
    )
    facts = LinesField(
        label="What it must do and know",
        help_text="One thing a line.",
        most=100,
        error_messages={"required": "Please name at least one thing."},
    )
    out_of_scope = LinesField(
        label="What it will not do", help_text="One thing a line.", most=50, required=False
    )

    @classmethod
    def of(cls, document, data=None):
        """Return the form filled from a brief; data: what the person sent, if anything."""
        brief = document.data
        initial = {
            "title": brief.get("title", ""),
            "purpose": brief.get("purpose", ""),
            "users": brief.get("users", []),
            "facts": [fact.get("text", "") for fact in brief.get("facts", [])],
            "out_of_scope": [item.get("text", "") for item in brief.get("out_of_scope", [])],
        }
        form = cls(data, initial=initial, prefix="brief", label_suffix="")
        form.document = document
        return form
