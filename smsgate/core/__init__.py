"""The ground floor: settings, database, encryption, phone numbers, languages, Redis. Knows nothing of the service.

`config` reads the settings, the only place that reads the environment. `database` gives sessions, transactions and what
runs after a commit; `encryption` seals columns at rest, `key_rotation` and `migrations` keep an existing database up to
date. `redis_client` bounds every wait on Redis. `phone_numbers`, `timezones`, `gsm7`, `i18n` and `admin_text` (the
console's texts) deal with numbers, times and words; `privacy` and `logs` keep people from being recognised.

Nothing here imports another package of smsgate. Start with `config.py` and `database.py`.
"""
