"""How a dialogue handles a PIN: what is typed goes straight to the check."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from smsgate.members import pins
from smsgate.models import lookup
from smsgate.service import Service


@dataclass(frozen=True)
class MemberPinChecker:
    """The PinChecker of a phone number; `number` is called only once a PIN was typed."""

    service: Service
    number: Callable[[], str]

    def opens(self, typed: str) -> tuple[str, int]:
        """Return what a PIN opens (pins.PinResult), and for how many minutes no PIN is accepted."""
        with self.service.database.transaction() as session:
            member = lookup.find_member_by_number(session, self.number())
            if member is None or pins.pin_of(session, member) is None:
                return pins.PinResult.WRONG, 0
            opened, minutes = pins.check_pin(session, member, typed, self.service.now())
            return opened.value, minutes

    def hashed(self, name: str, typed: str) -> str:
        """Return the hash of a PIN to be set; "" if the first and the second would be the same."""
        with self.service.database.reading() as session:
            pin = pins.pin_of(session, lookup.find_member_by_number(session, self.number()))
            other = (pin.first if name == "second_pin" else pin.second) if pin is not None else None
            return "" if pins.matches(other, typed) else pins.hash_pin(typed)

    def same(self, hashed: str, typed: str) -> bool:
        """Return whether a PIN matches a hash."""
        return pins.matches(hashed, typed)
