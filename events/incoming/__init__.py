"""Files that people bring through the admin: read, looked at, imported.

``arriving`` takes them and remembers what was chosen, ``planning`` says what they would do,
``work`` reads and saves them in a worker or in the request, ``corrected`` gives them back with
what is wrong in them.
"""
