"""Forms of the settings page, and allauth's forms in our words."""

from allauth.account import forms as allauth_forms
from django import forms
from django.contrib.auth.hashers import make_password
from django.db import transaction

from accounts.models import Profile

HINT = "At least 15 characters. A short sentence works well."


class _Plain:
    """Our labels and hints; a placeholder is no label."""

    labels = {}
    hints = {}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.widget.attrs.pop("placeholder", None)
            field.label = self.labels.get(name, field.label)
            field.help_text = self.hints.get(name, "")


class LoginForm(_Plain, allauth_forms.LoginForm):
    labels = {"login": "E-mail address", "password": "Password"}


class SignupForm(_Plain, allauth_forms.SignupForm):
    labels = {"email": "E-mail address", "password1": "Password"}
    hints = {"password1": HINT}

    def try_save(self, request):
        if self.account_already_exists:
            # A new account costs a password hash: without this one the time tells that the address is known.
            make_password(self.cleaned_data["password1"])
        return super().try_save(request)

    def save(self, request):
        # User, profile, workspace and address come together or not at all.
        with transaction.atomic():
            return super().save(request)


class ResetPasswordForm(_Plain, allauth_forms.ResetPasswordForm):
    labels = {"email": "E-mail address"}


class ResetPasswordKeyForm(_Plain, allauth_forms.ResetPasswordKeyForm):
    labels = {"password1": "New password", "password2": "New password again"}
    hints = {"password1": HINT}


class ChangePasswordForm(_Plain, allauth_forms.ChangePasswordForm):
    labels = {
        "oldpassword": "Password of now",
        "password1": "New password",
        "password2": "New password again",
    }
    hints = {"password1": HINT}


class ReauthenticateForm(_Plain, allauth_forms.ReauthenticateForm):
    labels = {"password": "Your password"}


class KeyForm(forms.Form):
    """A provider key. It is never shown again: a password field drops its value when it is rendered."""

    key = forms.CharField(
        label="Anthropic API key",
        help_text="It starts with sk-ant- and stands in the Anthropic Console under “API keys”.",
        max_length=400,
        strip=True,
        widget=forms.PasswordInput(
            render_value=False,
            attrs={"autocomplete": "off", "spellcheck": "false", "autocapitalize": "none"},
        ),
        error_messages={
            "required": "Paste your key here first.",
            "max_length": "This is too long for a key. Copy the key alone, without other text.",
            "null_characters_not_allowed": "This does not look like a whole Anthropic key.",
        },
    )


class ProfileForm(forms.ModelForm):
    class Meta:
        model = Profile
        fields = ["display_name", "theme", "mail_news"]
        labels = {
            "display_name": "Your name",
            "theme": "Colours",
            "mail_news": "Write me a mail when it is my turn, and when a build is done or has stopped",
        }
        help_texts = {"display_name": "How we address you. You can leave it empty."}
        error_messages = {
            # Django's words repeat what was sent.
            "theme": {"invalid_choice": "Choose one of the colours in the list."},
            "display_name": {"max_length": "A name has at most 200 characters; this one has %(show_value)d."},
        }
        widgets = {"display_name": forms.TextInput(attrs={"autocomplete": "name"})}
