"""Mails that leave once, whatever dies on the way.

    enqueue_mail(INVITED, user, about=f"{invitation.pk}:{invitation.version}", event=event)

writes a row, in the transaction of what it tells; whoever repeats it writes nothing. A
worker claims rows that are due, asks each kind whether they still say something true, puts
those of one person together, and gives them to the mail server.

**When a sender dies.** Until a mail is given to the server its claim simply runs out, and
another worker sends it. Between the server's "accepted" and our note of it nobody can know
whether it arrived, so each kind says what is worse (``MailKind.must_arrive``): an invitation
is sent again, under the same Message-ID, by which many mailboxes drop the second one; a
reminder is not, and its row says "Perhaps sent". A server's clear refusal is no doubt.
"""
