"""The simulator's web pages for people: what an account holds, a console, recent requests."""
