"""Which session a run belongs to, and whom a remote person is: rules, and people's decisions.

``analytics/match.py`` has the two rules that need nobody: a run by its room and time, a
person by the opaque user id. Here is what goes beyond: verified addresses, what analysts
decided, and the tray of what is left. Nobody is ever matched by name.
"""
