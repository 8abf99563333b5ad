"""Who may use the console, and how they prove who they are.

`permissions` is the one place that decides who may see which group: every page asks it for its group, and gets the
group, NotFound or Forbidden. Roles are read again for each request, so one that has ended opens nothing.

The steps of signing in: number -> code by SMS (`login.request_code`, `check_code`) -> code from the authenticator app,
if one is set up (`totp`) -> a session of this browser (`login.start_session`). A session ends after 30 minutes without
use (14 days on the user's own device), 60 days after it began, when its user ends it, or when the operator does with
smsgate admin sign-out. A number without a role gets the same answer as any other, so the page gives nobody away.

Start with `permissions`, then `signing_in`, whose pages call `login` and `totp`.
"""
