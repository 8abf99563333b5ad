"""Names shown to strangers contain no phone number, no code to dial, no address and no second line."""

from __future__ import annotations

import pytest

from smsgate.flows.typed.plain_names import is_name, leads_elsewhere

# ruff: noqa: E501 - escapes for characters that look alike
NAMES = (
    "Amina", "wanjiku wa nyambura", "Nyong'o", "Ng\u2019ang\u2019a", "Jean-Pierre", "A. Otieno", "Zo\u00eb", "Fran\u00e7ois",
    "Saba Saba", "Mama Dot", "Olli", "Lili Lolo", "\u0623\u0645\u064a\u0646\u0629", "\u0410\u043c\u0438\u043d\u0430", "Neo", "Tatu", "One Love",
    "Comfort", "Dorothy", "Io", "Attila", "Me", "Sixtus", "Jo", "Noel", "Star", "Nyota Moja", "Mia Saba", "Dix",
    "\u02bbAl\u012b", "Sa\u02bfid", "\uff21mina", "\ufefbmia", "\u0645\u0640\u0631\u064a\u0645", "Nyong\u2019o Wa", "\u00df\u00e9ata",
    "Saba na Saba", "\u041e\u043a\u0441\u0430\u043d\u0430", "Centia", "Plus One", "Antonia Tena", "\u0648\u0627\u062d\u062f",
)  # fmt: skip
NO_NAMES = (
    "0711000001", "07 11 00 00 01", "0-7-1-1-0-0-0", "Call 0711 000 001", "\uff10\uff17\uff11\uff11", "\u0660\u0667\u0661\u0661", "O7II OOO OOI",
    "OIIIOOOOOI", "olll ooo ool", "zero seven one one", "zeroseveneleven1", "sifuri saba moja", "zero sept un un",
    "Zero-seven-one", "\u2460\u2461\u2462\u2463", "\u00bd", "\u4e00\u4e8c\u4e09", "*384*77#", "dial *384#", "\uff0a384\uff03", "www x", "t.me/abc", "evil.com", "evil . com",
    "evil dot com", "evil nukta com", "evil point com", "evil\uff0ecom", "http evil", "a@b", "Amina\n0711", "Amina\nKuja", "Amina 2",
    "z\u00e9ro sept huit", "Z\u00e9ro-Sept-Un", "ten ten ten ten ten", "dix onze douze", "soixante dix vingt", "kumi na moja kumi",
    "zero double seven one", "ishirini thelathini tano", "seventy one ten", "sifuri saba na moja", "star one hash",
    "nyota nane reli", "\u043ene two three", "\u041eIII\u041e\u041eI\u041e\u041eI", "s\u00edx s\u00e9ven s\u00edx", "zero seven then one",
    "\u0635\u0641\u0631 \u0633\u0628\u0639\u0629 \u0648\u0627\u062d\u062f", "eber toddoba kow", "ziro saba moja", "evil dot \u0441om", "evil d\u00f3t c\u00f3m",
    "b\u0456t ly evil", "w\u0430 me", "evil dot africa", "Amina\rKuja", "Amina\u2028Kuja", "Amina\x85Kuja",
    "evil\ua4f8link", "evil \ua4f8 link", "evil\ua78flink", "evil\u3002link", "evil\u1c79co", "\u24d0\u24d1\u24d2", "\u2177\u2177\u2177", "\ufdfa\ufdfa\ufdfa",
    "\ufb03\ufb03\ufb03", "\U0001f130mina", "Ami\u02d0na",
    "bit.ly", "evil dotcom", "ev\u200bil.com", "07\u200b11", "", "...", "Amina\U0001f600", "e v i l . c o m", "1\ufe0f\u20e3",
)  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_names_of_people(name: str) -> None:
    assert is_name(name)


@pytest.mark.parametrize("text", NO_NAMES)
def test_what_is_no_name(text: str) -> None:
    assert not is_name(text)


@pytest.mark.parametrize(
    ("name", "leads"),
    [("Tumaini 2", False), ("Kayole 1960", False), ("Call 0711000001", True), ("Dial *384*77#", True),
     ("evil.com", True), ("evil dot com", True), ("zero seven one one", True), ("St. Mary's", False),
     ("Saba Saba 2019", False), ("Ward 1 2", False), ("One Stop 4", False), ("Kikundi cha kumi na mbili", False),
     ("zero 7 one 1 zero 0 zero 2 oh", True), ("0711 zero zero", True), ("z\u00e9ro sept un un", True),
     ("evil\u3002link", True), ("evil\uff61co", True), ("Star 140 hash", True), ("dix onze douze vingt", True), ("evil dot \u0441om", True)],
)  # fmt: skip
def test_names_of_groups(name: str, leads: bool) -> None:
    assert leads_elsewhere(name) is leads
