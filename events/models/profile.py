"""What somebody looks like."""

from __future__ import annotations

from hashlib import sha256

from django.db import models

from events.models.people import User


class ProfilePicture(models.Model):
    """A person's picture: a small square JPEG that we made of what they sent.

    It is in the database, so it goes with the account in the same transaction, is there for
    every web process, and is in no folder that a web server might hand out.
    """

    user = models.OneToOneField(
        User, on_delete=models.CASCADE, primary_key=True, related_name="picture"
    )
    jpeg = models.BinaryField()
    changed_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return f"{self.user_id}"

    @property
    def version(self) -> str:
        """Another one for another picture."""
        return sha256(bytes(self.jpeg)).hexdigest()[:16]
