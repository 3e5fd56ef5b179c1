"""What the lists of the admin can do besides showing: rows edited in place, many set at once."""
