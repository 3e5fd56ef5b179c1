"""Attendance at a million stays: what is measured, and what each figure is held against."""
