from accounts.models.letter import Letter
from accounts.models.limit import LimitCounter
from accounts.models.profile import Profile
from accounts.models.secret import AuditEntry, RingCheck, SealedValue, Secret
from accounts.models.user import User
from accounts.models.workspace import Membership, Workspace

__all__ = [
    "AuditEntry",
    "Letter",
    "LimitCounter",
    "Membership",
    "Profile",
    "RingCheck",
    "SealedValue",
    "Secret",
    "User",
    "Workspace",
]
