"""One-to-one support by SMS: `PEER` opens the dialogue, `PEER hello` writes to the other, `PEER END` ends the match."""

from __future__ import annotations

from smsgate.conversations.sms import exchange
from smsgate.conversations.sms.inbound_context import InboundContext
from smsgate.flows import sms
from smsgate.flows.guard import Act
from smsgate.flows.sms import walking
from smsgate.flows.typed.peer_words import PeerText, read_peer
from smsgate.matching import carrying, check_ins, matches, programmes
from smsgate.matching.carrying import Carried
from smsgate.models import Ending, Match, MatchState, Member

Found = tuple[Match, bool]  # an active match, and whether the sender is its supporter


def write_to_other(inbound: InboundContext) -> str | None:
    """Answer a text that opens with PEER, from someone who asked for one-to-one support or gives it."""
    peer = read_peer(inbound.words) if inbound.keyword is None else None
    if peer is None or inbound.member is None or not programmes.has_part(inbound.session, inbound.member):
        return None
    if not inbound.is_free(Act.CHANGE):
        return sms.please_dial(inbound.service_code)
    if not peer.words:
        return exchange.begin(inbound, "walk")
    return _to_other(inbound, peer, inbound.member)


def _to_other(inbound: InboundContext, peer: PeerText, member: Member) -> str:
    walks = matches.walks_of(inbound.session, member)
    if not walks:
        return walking.not_carried_over(inbound.service_code)
    found = _meant(walks, peer)
    if found is None:
        return walking.which_person(inbound.service_code)
    if peer.ends or peer.reports:
        return _end(inbound, found, reports=peer.reports)
    match, supporter = found
    words = peer.words if supporter and len(walks) > 1 else peer.whole
    carried = carrying.carry(inbound.session, match, words, inbound.now, by_supporter=supporter)
    return _said(inbound, carried, found)


def _meant(walks: list[Found], peer: PeerText) -> Found | None:
    """Return the match that is meant: the only one, that with the sender's supporter, or with one of their people."""
    own, people = [walk for walk in walks if not walk[1]], [walk for walk in walks if walk[1]]
    if len(walks) == 1:
        return walks[0]
    if peer.number and people:
        return people[peer.number - 1] if peer.number <= len(people) else None
    return own[0] if own else None


def _said(inbound: InboundContext, carried: Carried, found: Found) -> str:
    match, supporter = found
    name = (match.member if supporter else match.supporter.member).name or ""
    if carried is Carried.PASSED_ON:
        hard = bool(inbound.distress_language)
        return walking.passed_on_later(name, inbound.service_code) if hard else walking.passed_on(name)
    if carried is Carried.LIMIT:
        return walking.not_carried_limit()
    if carried is Carried.LONG:
        return walking.not_carried_long(walking.LONGEST_CARRIED)
    return walking.not_carried_over(inbound.service_code)


def _end(inbound: InboundContext, found: Found, *, reports: bool) -> str:
    match, supporter = found
    if match.state is MatchState.WALKING and reports:
        check_ins.report(inbound.session, match, inbound.now, by_supporter=supporter)
    matches.end(inbound.session, match.id, Ending.NOT_RIGHT, inbound.now, tells=(supporter, not supporter))
    exchange.end(inbound)
    return walking.reported(inbound.service_code) if reports else walking.ended_by_text(inbound.service_code)
