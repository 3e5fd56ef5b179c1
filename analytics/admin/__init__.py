"""Attendance in the admin: reports for analysts, raw rows for the person on call."""

from analytics.admin import pages, raw

__all__ = ["pages", "raw"]
