"""The simulator's page for people: what it holds, who is where, what was asked of it."""
