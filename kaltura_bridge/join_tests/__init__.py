"""Join tests: what a viewer would open, opened by a worker before anybody comes.

An hour and a quarter of an hour before each session a worker mints what a viewer would get,
opens KAF's page, or what the chosen player loads, and looks for signs of an error. A failure
alarms the team by mail, and a webhook, once; so does its end.
"""
