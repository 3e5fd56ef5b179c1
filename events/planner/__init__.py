"""Planning an event on a grid: what is drawn, what is in the way, what is changed and undone."""
