"""Decides whether a text says that its writer is fine, or takes a help text back; in three languages, as people type.

The whole text has to consist of such words: "I am fine" with anything else around it ("not", "but", a question mark) is
unclear; then we ask, and never guess. A word of agreement ("ok", "sawa", "c'est bon", "that's fine") does not count: it
may mean that the text should be sent.
"""

from __future__ import annotations

import re
from enum import Enum, auto

from smsgate.flows.typed.keywords import Intent, normalise, parse_keyword


class Meaning(Enum):
    """What a text says about its writer's help text."""

    FINE = auto()  # they are fine
    TAKE_BACK = auto()  # not to be sent: a mistake, a false alarm
    UNCLEAR = auto()


# Written as `normalise` leaves a text: no capitals, accents, apostrophes or signs.
_I_AM = (
    "(?:i am|i m|im|iam|am|we are|i feel|i am feeling|i m feeling|im feeling|am feeling|feeling|i am doing|im doing)"
)
_VERY = "(?:(?:now|just|all|very|really|much|so|totally|quite|already|still|perfectly) )*"
_FINE = "(?:fine|finee|finne|fien|fne|fyn|fyne)"
_OK = "(?:ok|okay|okey|okei|okie|oky|okk)"
_WELL = f"(?:{_FINE}|{_OK}|alright|allright|all right|alrite|aright|good|well|better|safe|sawa|poa|salama)"
_NIKO = "(?:niko|nko|nipo|tuko|tupo|mimi niko|mimi nipo|nimekuwa|niko tu|nipo tu)"
_SAWA = f"(?:sawa|sawasawa|sawa sawa|swa|sw|salama|poa|fiti|vizuri|vyema|vema|mzima|wazima|bien|{_FINE}|{_OK})"
_JE_VAIS = "(?:je vais|j vais|jvais|je vai|vais|on va|nous allons|je me sens|je suis)"
_BIEN = "(?:(?:deja|tres|vraiment|tout a fait|bcp|beaucoup) )?(?:bien|mieux|ok|okay)"
_CA_VA = "(?:ca va|sa va|cava|ca vas|sa vas)"

_DENIAL = "(?:no|non|hapana)"  # opens the whole: "No, I'm fine"; but "no mistake" does not count

CLEAR = (
    rf"{_I_AM} {_VERY}{_WELL}",
    rf"{_NIKO} {_SAWA}",
    rf"(?:naendelea|ninaendelea|najisikia|ninajisikia|nasikia|najihisi) {_SAWA}",
    r"(?:naendelea|najisikia|ninajisikia|nasikia|nimepata|napata) (?:nafuu|afadhali|ahueni)",
    r"sijambo|nimepona|hatujambo",
    rf"{_JE_VAIS} {_BIEN}",
    rf"{_CA_VA} (?:bien|mieux|beaucoup mieux|bcp mieux|tres bien|deja mieux)",
    r"tout va (?:bien|mieux|tres bien)",
    r"(?:bien|mieux) (?:merci|maintenant)",
    r"(?:much )?better now",
)
# Enough alone or with thanks; after a word of agreement ("ok fine") they are unclear.
BARE = (_FINE, _CA_VA)
TAKE_BACK = (
    r"(?:please )?(?:cancel|undo)(?: (?:it|this|that|the text|my text|everything))?",
    rf"(?:{_DENIAL} )?(?:please )?(?:do not|dont|don t) send(?: (?:it|this|that|anything|the text|my text))?",
    r"(?:please )?take (?:it |this |that )?back",
    r"(?:it was |it is |its |it s |was |my |a |by |sent by |pressed by |all a )*mistake",
    r"(?:it was |it is |its |it s |was |a )*false alarm",
    r"(?:it was |sent |pressed |rang )?(?:by accident|accidentally)",
    r"never ?mind",
    r"(?:tafadhali )?(?:usitume|msitume|usiitume|msiitume|usitumie|ighairi|ghairi|ghairisha|irudishe|irudisheni|izuie)",
    r"(?:nimekosea|nilikosea|ni makosa|ni kosa|kwa makosa|ilikuwa makosa|imetumwa kwa makosa|nimebonyeza kwa makosa)",
    r"(?:annule|annuler|l annuler|annulez|annulez le|annule le|annuler svp)",
    r"(?:ne )?(?:l |le |la )?(?:n )?(?:envoie|envoies|envoyez|envoyer|envoi) (?:le )?pas",
    r"(?:ne )?pas (?:l |le )?(?:envoyer|envoye)",
    r"(?:c est |c etait |une |par |fait par )*erreur",
    r"(?:c est |c etait |une )*fausse (?:alerte|manip|manipulation)",
    r"je me suis trompee?",
    r"le reprendre",
)
_OPENING = "(?:ok|okay|yes|oui|ndiyo|sawa|oh|ah|hi|hello|habari|bonjour)"
_THANKS = (
    "(?:thanks|thank you|thank u|thanx|thx|tnx|asante|asanteni|ahsante|merci|shukrani)"
    "(?: (?:a lot|alot|so much|very much|you all|all|all of you|everyone|everybody|guys|sana|nyote|beaucoup|a tous))?"
)
_NOW = "(?:now|again|already|today|sasa|tena|leo|tu|kabisa|maintenant|la|deja|aujourd hui)"
_CALM = "(?:dont worry|don t worry|do not worry|no worries|usijali|msijali|usiwe na wasiwasi|ne t inquiete pas)"
_AROUND = f"(?:{_THANKS}|{_NOW}|{_CALM}|please|pls|sorry|pole|samahani|pardon|desolee?)"


def _whole(cores: tuple[str, ...], before: str, after: str) -> re.Pattern[str]:
    core = f"(?:{'|'.join(cores)})"
    return re.compile(f"(?:{before} )*{core}(?: (?:{after}|{core}))*")


_FINE_TEXT = re.compile(
    "|".join(
        (
            _whole(CLEAR, f"(?:{_DENIAL}|{_OPENING}|{_AROUND})", "|".join((_AROUND, *TAKE_BACK))).pattern,
            _whole(BARE, _THANKS, f"(?:{_THANKS}|{_NOW})").pattern,
        )
    )
)
_TAKE_BACK_TEXT = _whole((*TAKE_BACK, *CLEAR), f"(?:{_OPENING}|{_AROUND})", _AROUND)
LONGEST = 80  # characters: people who are fine say so in few words, and longer texts take long to match
_DOUBTFUL = re.compile("[?؟😢😭😞😔💔😟😣😖😩🆘🙁☹]")


def meaning_of(text: str) -> Meaning:
    """Return what a text says, if it says nothing else."""
    if len(text) > LONGEST or _DOUBTFUL.search(text):
        return Meaning.UNCLEAR
    plain = re.sub(r"(.)\1{2,}", r"\1", normalise(text))  # fiiine, okkkk
    keyword = parse_keyword(text)
    if keyword is not None and keyword.intent is not Intent.FINE:
        return Meaning.UNCLEAR
    if keyword is not None or _FINE_TEXT.fullmatch(plain):
        return Meaning.FINE
    return Meaning.TAKE_BACK if _TAKE_BACK_TEXT.fullmatch(plain) else Meaning.UNCLEAR
