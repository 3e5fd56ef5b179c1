"""How people come in: places and waiting lists, the sign-up form, invitations."""
