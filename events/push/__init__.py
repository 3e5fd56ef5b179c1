"""Notifications of the browser (web push), from the same outbox as mails.

A row of the outbox with a subscription goes to that browser instead of into a mail. What it
says is encrypted for the browser (encryption.py, RFC 8291), signed for the push service
(keys.py, RFC 8292), and shown by the service worker.
"""
