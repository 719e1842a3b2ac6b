"""The person who signs in: an e-mail address is the name."""

from django.contrib.auth.base_user import BaseUserManager
from django.contrib.auth.models import AbstractUser
from django.db import models, router, transaction


class UserManager(BaseUserManager):
    """Creates people by e-mail address."""

    def create_user(self, email, password=None, **fields):
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email, password=None, **fields):
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)


class User(AbstractUser):
    """A person; the addresses and their verification are allauth's EmailAddress rows."""

    username = None
    first_name = None
    last_name = None
    email = models.EmailField("e-mail address", unique=True)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = []

    objects = UserManager()

    def save(self, *args, **kwargs):
        """Save; a new user's profile and workspace (accounts.actions.create_home) join the transaction."""
        if not self._state.adding:
            return super().save(*args, **kwargs)
        with transaction.atomic(using=router.db_for_write(type(self), instance=self)):
            return super().save(*args, **kwargs)

    def __str__(self):
        return self.email
