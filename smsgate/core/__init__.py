"""The bottom layer: settings, database, encryption, phone numbers, languages, Redis. Knows nothing about the service.

`config` reads the settings; nothing else reads the environment. `database` provides sessions, transactions and
after-commit actions; `encryption` encrypts columns at rest; `rotation` and `migrations` keep an existing database up to
date. `redis_client` bounds every wait on Redis. `phone_numbers`, `timezones`, `gsm7`, `i18n` and `admin_text` (the
console's texts) deal with numbers, times and words; `privacy` and `logs` keep people from being recognised.

Nothing here imports another package of smsgate. Start with `config.py` and `database.py`.
"""
