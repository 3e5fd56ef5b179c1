"""Attendance in figures, computed by the database and kept by the version of what they rest on.

``analytics/metrics.py`` defines what each figure means; the SQL here does the same for many
sessions in one statement, and the tests hold one against the other.
"""
