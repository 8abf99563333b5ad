"""What each setting is for: `docs/operate/settings.md` is generated from here, with the defaults of `config.py`.

A test checks that exactly the settings that `config.load` reads are described here.
"""

from __future__ import annotations

from collections.abc import Mapping

MEANINGS: Mapping[str, str] = {
    "DATABASE_URL": "SQLAlchemy's address: `postgresql://user:password@host/smsgate`",
    "REDIS_URL": "`redis://user:password@host:6379/0`, `rediss://…` (`?ssl_ca_certs=/path/ca.pem` for a certificate "
    "authority of your own) or `unix:///path`",
    "SMSGATE_HOOK_TOKENS": "long random words, the current one first: `openssl rand -hex 24`",
    "SMSGATE_KEYS": "encryption keys, newest first: `openssl rand -hex 32`. **Keep a copy apart from the backups.**",
    "SMSGATE_BACKUP_KEY": "the key that encrypts backups: `openssl rand -hex 32`. **Keep a copy apart from the "
    "backups.**",
    "SMSGATE_GATEWAY": "which gateway sends texts: `simulator` (simulated phones only) or `africastalking`",
    "HOST": "the address that the web process listens on; `0.0.0.0` if the proxy is on another machine",
    "PORT": "the port that it listens on",
    "AFRICASTALKING_USERNAME": "your account's username; `sandbox` is the sandbox",
    "AFRICASTALKING_API_KEY": "its API key",
    "AFRICASTALKING_SENDER": "a short code or sender id. Choose a neutral one: it shows on shared phones",
    "AFRICASTALKING_URL": "only for a proxy or a rehearsal server",
    "AFRICASTALKING_FALLBACK_USERNAME": "a second account, for help texts that the first doesn't take; set it and its "
    "key, or neither",
    "AFRICASTALKING_FALLBACK_API_KEY": "its key",
    "AFRICASTALKING_FALLBACK_SENDER": "its sender",
    "AFRICASTALKING_FALLBACK_URL": "its address, if not the provider's own",
    "SMSGATE_OPERATOR_NUMBER": "a mobile number that gets a text when credit is short or something is set aside",
    "SMSGATE_RATE": "texts a second to one account, over all workers; 0 is no limit. Ask the provider for yours",
    "SMSGATE_RESERVE": "how many help texts to keep credit for; 0 keeps none",
    "SMSGATE_SECOND_AGREES": "a notice to this many people or more needs a second person's approval, and so does the "
    "third in a day; 0 turns this off",
    "SMSGATE_PRICE": "what one SMS costs, like `KES 0.80`, shown until the provider's first charge",
    "SMSGATE_SERVICE_CODE": "what members dial",
    "SMSGATE_COUNTRIES": "countries that may be texted, like `KE,UG`; local numbers are read as numbers of the first",
    "SMSGATE_USSD_LIMIT": "characters on a screen: 160 fits Safaricom",
    "SMSGATE_USSD_TEXT": "what the operator sends in each turn: `all` that was typed, or the `last` input",
    "SMSGATE_ALLOW_CODE": "what a person dials at the network to get blocked texts again; blocked people are told",
    "SMSGATE_METRICS_TOKEN": "bearer token for `/metrics`; without it there is no such page",
    "SMSGATE_BATCH": "recipients in one call; 1000 costs a third of the work, but if a call fails, the result is "
    "unknown for all",
    "SMSGATE_KEEP_WORDS_DAYS": "days until the words of a text are deleted",
    "SMSGATE_STRANGERS": "SMS an hour that all people who haven't been members for a day may cause together",
    "SMSGATE_HOOK_NETWORKS": "the provider's networks, like 203.0.113.0/24, if only these may post callbacks",
    "SMSGATE_HOOK_RATE": "callbacks a second with one token, in each process; 0 is no limit",
    "SMSGATE_ADDRESS": "where browsers find this service, `https://your.host`; calendar addresses start with it",
    "SMSGATE_PROXIES": "proxies in front of us, each of which adds to `X-Forwarded-For`; sign-ins are counted by "
    "address",
    "SMSGATE_LOG_LEVEL": "`DEBUG`, `INFO`, `WARNING`, `ERROR` or `CRITICAL`",
    "WEB_CONCURRENCY": "processes of the web server",
}
