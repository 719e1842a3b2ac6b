"""What people send to the library and about projects, checked."""

import codecs
import re
from pathlib import PurePath

from django import forms

from features import projects, spec_text
from features.models import Project

LONG = "At most %(limit_value)d characters, please: there are %(show_value)d."
ENDINGS = (".md", ".txt")
HEADING = re.compile(r"^\ufeff?#{1,6}[ \t]([^\r\n]*)", re.MULTILINE)


def project_field(user, workspace):
    """Return the field that offers the person's open projects of the workspace: what belongs together lies in one."""
    return forms.ModelChoiceField(
        Project.objects.visible_to(user).filter(workspace=workspace).open().order_by("name", "pk"),
        label="Project",
        to_field_name="public_id",
        required=False,
        empty_label="No project",
        error_messages={"invalid_choice": "This project cannot be chosen any more. Choose another one."},
    )


class NameForm(forms.Form):
    """The name of a project."""

    name = forms.CharField(
        label="Name",
        max_length=200,
        error_messages={"required": "A project needs a name.", "max_length": LONG},
    )


class MoveForm(forms.Form):
    """Where a feature or spec belongs; the project that it is in stays a choice when it is put away."""

    def __init__(self, data=None, *, user, item):
        current = item.project
        super().__init__(data, initial={"project": current and current.public_id}, label_suffix="")
        self.fields["project"] = project_field(user, item.workspace)
        if current and current.archived_at:
            field = self.fields["project"]
            field.queryset = field.queryset | Project.objects.visible_to(user).filter(pk=current.pk)


class TextField(forms.Field):
    """A text to the byte, line ends apart. Not a CharField: that one strips."""

    widget = forms.Textarea(attrs={"rows": 18, "class": "text-large"})

    def __init__(self, **more):
        super().__init__(required=False, **more)

    def clean(self, value):
        text = spec_text.from_form(value or "")
        try:
            spec_text.facts_of(text)
        except spec_text.Unfit as unfit:
            raise forms.ValidationError(str(unfit)) from None
        return text


class SpecForm(forms.Form):
    """Title and text of a spec."""

    title = forms.CharField(
        label="Title",
        max_length=200,
        error_messages={"required": "Please give it a title.", "max_length": LONG},
    )
    body = TextField(
        label="Text",
        help_text="What is it for, who uses it, what shall it keep, which rules hold, what is left out? "
        "Headings (# like this) and lists help.",
    )

    def __init__(self, *args, user=None, workspace=None, **more):
        super().__init__(*args, label_suffix="", **more)
        if user:
            self.fields["project"] = project_field(user, workspace)


class SpecEditForm(SpecForm):
    """base: number of the version that the text was made from."""

    base = forms.IntegerField(min_value=1, max_value=2**31 - 1, widget=forms.HiddenInput)


class ImportForm(forms.Form):
    """A .md or .txt file. Cleans `file` to its text, byte for byte."""

    file = forms.FileField(
        label="File",
        help_text="A text file that ends in .md or .txt, at most 1,048,576 bytes, in UTF-8.",
        allow_empty_file=True,
        error_messages={"required": "Choose a file first.", "invalid": "Choose a file first."},
        widget=forms.FileInput(attrs={"accept": ".md,.txt,text/markdown,text/plain"}),
    )
    title = forms.CharField(
        label="Title",
        max_length=200,
        required=False,
        help_text="If you leave it empty, we take the first heading, else the name of the file.",
        error_messages={"max_length": LONG},
    )

    def __init__(self, *args, user, workspace, **more):
        super().__init__(*args, label_suffix="", **more)
        self.fields["project"] = project_field(user, workspace)

    def clean_file(self):
        file = self.cleaned_data["file"]
        if PurePath(file.name).suffix.lower() not in ENDINGS:
            raise forms.ValidationError(
                "Only files that end in .md or .txt can be imported. From a word processor, save the text as "
                "“plain text” first."
            )
        if file.size > spec_text.MAX_BYTES:
            raise forms.ValidationError(spec_text.too_long(file.size))
        raw = file.read()
        try:
            text = raw.decode("utf-8", "strict")
        except UnicodeDecodeError as error:
            raise forms.ValidationError(_not_utf8(raw, error.start)) from None
        try:
            spec_text.facts_of(text)
        except spec_text.Unfit as unfit:
            raise forms.ValidationError(str(unfit)) from None
        self.file_name = PurePath(file.name).stem
        return text

    @property
    def title_or_guess(self):
        """Return the title: as typed, else the first heading, else the name of the file."""
        lines = HEADING.finditer(self.cleaned_data["file"][:20_000])
        heading = next((words for line in lines if (words := _heading_words(line[1]))), "")
        title = self.cleaned_data["title"] or heading or self.file_name
        return "".join(char for char in title if char.isprintable())[:200] or "Imported spec"


def _heading_words(line):
    """Return the words of a heading: "Rooms" for "Rooms ##", while "C#" stays.

    By hand: a pattern that looks for the end of a line from each of its places takes time by the square.
    """
    line = line.strip()
    words = line.rstrip("#")
    return words.strip() if words != words.rstrip() or not words else line


def _not_utf8(raw, place):
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "This file is in UTF-16. Open it in an editor and save it as UTF-8, then import it again."
    line = raw.count(b"\n", 0, place) + 1
    return (
        f"This file is not UTF-8 text: line {line:,} (byte {place + 1:,}) holds something else. Open it in an "
        "editor and save it as UTF-8, then import it again. Nothing was imported."
    )


def filter_choices(user, value):
    """Return what a filter by project shows: the open projects and the choice; one or two queries."""
    chosen = projects.chosen(user, value)
    offered = list(Project.objects.visible_to(user).open().order_by("name", "pk"))
    if chosen and chosen not in offered:
        offered.append(chosen)
    word = chosen.public_id if chosen else projects.NONE_WORD if chosen == projects.NONE else ""
    return {"projects": offered, "project": chosen, "project_word": word}
