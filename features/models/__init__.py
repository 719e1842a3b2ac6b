from features.models.artifact import Artifact
from features.models.document import Document
from features.models.event import Event
from features.models.feature import Feature
from features.models.notice import Notice
from features.models.project import Project
from features.models.spec import Source, Spec, SpecVersion, WizardDraft
from features.models.transition import Transition

__all__ = [
    "Artifact", "Document", "Event", "Feature", "Notice", "Project", "Source", "Spec", "SpecVersion",
    "Transition", "WizardDraft",
]  # fmt: skip
