"""Demo data: two real conferences moved to now, people, and a synthetic event of any size."""
