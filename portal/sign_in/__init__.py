"""Signing in and up: allauth, with what this portal asks and counts."""
