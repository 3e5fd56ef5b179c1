"""``make bench``: what the portal costs, in real figures from this machine.

Nothing here passes or fails. Times are noisy wherever anything else runs; counts
(queries, calls, bytes) are not, and neither, much, are ratios of one run.
"""
