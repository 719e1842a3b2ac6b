"""Whether a feature can pay for its calls to a model."""

from accounts.models import Secret


def needs_key(feature):
    """Tell whether the feature works with a key and its workspace has none; no query for a demo."""
    return not feature.is_demo and Secret.objects.live_key(feature.workspace_id) is None
