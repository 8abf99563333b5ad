"""Who may use the console, and how they prove who they are.

`permissions` is the one place that decides which group is whose: every page asks it for its group, and gets NotFound
or Forbidden. Roles are read again for each request, so one that has ended opens nothing.

Signing in goes: number -> code by SMS (`login.request_code`, `check_code`) -> a code of the authenticator app, where
one is set up (`totp`) -> a session of this browser (`login.start_session`). A session ends when it was not used for
30 minutes (14 days on a device of one's own), 60 days after it began, when its holder ends it, or when the operator
does: smsgate admin sign-out. A number that leads nothing is answered as any other, so the page tells nobody apart.

Start with `permissions`, then `signing_in`, whose pages call `login` and `totp`.
"""
