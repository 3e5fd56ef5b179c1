"""The pages where managers bring tables and schedules in, and take the same out."""
