"""Decides whether a text says that its writer is fine, or takes a help text back; in three languages, as people type.

The whole text has to consist of such words: "I am fine" with anything else around it ("not", "but", a question mark) is
unclear; then we ask, and never guess. A word of agreement ("ok", "sawa", "c'est bon", "that's fine") does not count: it
may mean that the text should be sent.
"""

from __future__ import annotations

import re
from enum import Enum, auto

from smsgate.flows.typed.answer_words import DOUBTFUL
from smsgate.flows.typed.keywords import Intent, normalise, parse_keyword


class Meaning(Enum):
    """What a text says about its writer's help text."""

    FINE = auto()  # they are fine
    TAKE_BACK = auto()  # not to be sent: a mistake, a false alarm
    UNCLEAR = auto()


# Written as `normalise` leaves a text: no capitals, accents, apostrophes or signs.
_I_AM = "(?:i am|i m|im|iam|am|we are|i feel|(?:i am |i m |im |am )?(?:feeling|doing))"
_VERY = "(?:(?:now|nw|just|all|very|really|much|so|totally|quite|already|still|perfectly) )*"
_FINE = "(?:fine|finee|finne|fien|fne|fyn|fyne|fayn|fime|f9)"
_OK = "(?:ok|okay|okey|okei|okie|oky|okk)"
_ALRIGHT = "(?:all ?right|alright|alrite|alryt|aright|aryt|oright)"
_WELL = f"(?:{_FINE}|{_OK}|{_ALRIGHT}|good|gud|well|better|safe|sawa|poa|salama)"
_NIKO = "(?:niko|nko|nipo|tuko|tupo|(?:mimi|mi|mie) (?:niko|nko|nipo)|nimekuwa|niko tu|nipo tu)"
_SAWA = (
    "(?:sawa|sawasawa|sawa sawa|swa|sw|salama|poa|fiti|freshi?|shwari|safi|vizuri|vyema|vema|mzima|wazima|bien"
    f"|{_FINE}|{_OK})"
)
_JE_VAIS = "(?:je vais|j vais|jvais|je vai|j vai|jvai|je v|je ve|vais|on va|nous allons|je me sens|je suis)"
_BIEN = "(?:(?:deja|tres|vraiment|tout a fait|bcp|beaucoup) )?(?:bien|mieux|mieu|ok|okay)"
_CA_VA = "(?:ca va|sa va|cava|sava|ca vas|sa vas|cv)"

_DENIAL = "(?:no|non|hapana)"  # opens the whole: "No, I'm fine"; but "no mistake" does not count

CLEAR = (
    rf"{_I_AM} {_VERY}{_WELL}",
    rf"{_NIKO} {_SAWA}",
    rf"(?:naendelea|ninaendelea|najisikia|najiskia|ninajisikia|nasikia|najihisi) {_SAWA}",
    r"(?:naendelea|najisikia|ninajisikia|nasikia|nimepata|napata) (?:nafuu|afadhali|ahueni)",
    r"sijambo|nimepona|nimetulia|hatujambo",
    r"hali yangu (?:ni )?(?:nzuri|njema|shwari|sawa)",
    r"(?:kila kitu (?:kiko|kipo|ni)|mambo yako) sawa",
    r"(?:everything|all) (?:is |s )(?:fine|ok|okay|well|alright|all right)",
    rf"{_JE_VAIS} {_BIEN}",
    rf"{_CA_VA} (?:bien|mieux|mieu|beaucoup mieux|bcp mieux|tres bien|deja mieux)",
    r"(?:tout|tt) (?:va (?:bien|mieux|tres bien)|est (?:ok|okay|rentre dans l ordre))",
    r"jvb|je suis en securite",
    r"(?:bien|mieux) (?:merci|maintenant)",
    r"(?:much )?better now",
)
# Enough alone or with thanks; after a word of agreement ("ok fine") they are unclear.
BARE = (_FINE, _CA_VA)
_IT = "(?:it|this|that|everything|(?:(?:the|my|this|that) )?(?:text|txt|msg|message|sms))"
_UJUMBE = "(?:hiyo|hii|huo|huu|bado|kitu|chochote|(?:ujumbe|sms|msg|meseji)(?: (?:huo|huu|hiyo|hii|wangu))?)"
_CA = "(?:(?:(?:le|mon|ce) )?(?:message|texto|sms|msg)|ca|le|la|tout)"
_MAKOSA = "(?:kwa makosa|kimakosa|kwa bahati mbaya)"
TAKE_BACK = (
    rf"(?:i (?:want|need|would like) to )?(?:cancel|cancell|cancle|cansel|canceled|cancelled|undo)(?: {_IT})?",
    rf"(?:{_DENIAL} )?(?:please |pls |plz )?(?:do not|dont|don t|dnt) send(?: (?:anything|{_IT}))?",
    r"take (?:it |this |that )?back",
    rf"(?:delete|ignore) {_IT}",
    r"(?:it was |it is |its |it s |was |my |a |by |i |sent |pressed |it |all a )*mistake",
    r"(?:wrongly sent|sent wrongly|sent in error|wrong (?:key|button))",
    r"(?:it was |it is |its |it s |was |a )*false alarm",
    r"(?:it was |i |sent |pressed |rang )*(?:by accident|accidentally)",
    r"never ?mind|nvm",
    rf"(?:{_DENIAL} )?(?:usitume|msitume|usiitume|msiitume|usitumie)(?: {_UJUMBE})?",
    rf"(?:ighairi|ghairi|ghairisha|batilisha|irudishe|irudisheni|rudisha|izuie|zuia)(?: {_UJUMBE})?",
    rf"futa {_UJUMBE}",
    r"(?:nimekosea|nmekosea|nilikosea|ni makosa|ni kosa|ilikuwa makosa|sikutaka kutuma)",
    rf"(?:(?:imetumwa|nimetuma|nilituma|nimeituma|niliituma|nimebonyeza|nilibonyeza) )?{_MAKOSA}",
    rf"(?:je (?:veux|voudrais) |j )?(?:l )?(?:annule|annuler|annules|annulez|anule|anuler|anulez)(?: {_CA})?",
    rf"(?:{_DENIAL} )?(?:ne )?(?:l |le |la )?(?:n )?(?:envoie|envoies|envoyez|envoyer|envoi) (?:le )?(?:pas|rien)"
    rf"(?: {_CA})?",
    r"(?:ne )?pas (?:l |le )?(?:envoyer|envoye)",
    r"(?:c est |c etait |une |par |fait par |envoye |appuye )*erreur",
    r"(?:c est |c etait |une )*fausse (?:alerte|alarme|manip|manipulation|manoeuvre)",
    r"(?:je me|je m|jme) suis trompee?|mauvaise touche",
    r"le reprendre",
)
_OPENING = "(?:ok|okay|yes|oui|ndiyo|sawa|oh|ah|oops|hi|hello|habari|bonjour)"
# Only before words that say one is fine: "it's ok, I am fine".
_AT_EASE = (
    "(?:(?:it s|its|it is) (?:ok|okay|fine|alright)|no need|no problem|(?:hakuna|hamna) shida|c(?: est|est)? bon)"
)
_THANKS = (
    "(?:thanks|thank you|thank u|thanx|thx|tnx|thnx|thks|thnks|tks|ty|asante|asanteni|ahsante|merci|shukrani)"
    "(?: (?:a lot|alot|so much|very much|you all|all|all of you|everyone|everybody|guys|sana|nyote|beaucoup|a tous))?"
    "(?: for (?:everything|your help|the help|helping|asking|checking|caring))?"
)
_NOW = "(?:now|nw|again|already|today|sasa|kwa sasa|tena|leo|tu|kabisa|maintenant|mtn|mnt|mnant|la|deja|aujourd hui)"
_CALM = (
    "(?:(?:dont|don t|do not) worry(?: about me)?|no worries|usijali|msijali|usiwe na wasiwasi|msiwe na wasiwasi"
    "|ne t inquiete(?:z)? pas|ne vous inquietez pas|t inquiete(?:z)?(?: pas)?|tkt)"
)
_AROUND = (
    f"(?:{_THANKS}|{_NOW}|{_CALM}|please|pls|plz|sorry|sory|pole|samahani|tafadhali|pardon|desolee?|svp|stp"
    "|s il (?:vous|te) plait|dear|my dear|friends|my friend|rafiki|jamani)"
)


def _whole(cores: tuple[str, ...], before: str, after: str) -> re.Pattern[str]:
    core = f"(?:{'|'.join(cores)})"
    return re.compile(f"(?:{before} )*{core}(?: (?:{after}|{core}))*")


_FINE_TEXT = re.compile(
    "|".join(
        (
            f"(?:{_DENIAL} )?"
            + _whole(CLEAR, f"(?:{_OPENING}|{_AT_EASE}|{_AROUND})", "|".join((_AROUND, *TAKE_BACK))).pattern,
            _whole(BARE, f"(?:{_THANKS}|{_CALM})", f"(?:{_THANKS}|{_NOW}|{_CALM})").pattern,
        )
    )
)
_TAKE_BACK_TEXT = _whole((*TAKE_BACK, *CLEAR), f"(?:{_OPENING}|{_AROUND})", _AROUND)
LONGEST = 80  # characters: people who are fine say so in few words, and longer texts take long to match


def meaning_of(text: str) -> Meaning:
    """Return what a text says, if it says nothing else."""
    if len(text) > LONGEST or DOUBTFUL.search(text):
        return Meaning.UNCLEAR
    plain = re.sub(r"(.)\1{2,}", r"\1", normalise(text))  # fiiine, okkkk
    keyword = parse_keyword(text)
    if keyword is not None and keyword.intent is not Intent.FINE:
        return Meaning.UNCLEAR
    if keyword is not None or _FINE_TEXT.fullmatch(plain):
        return Meaning.FINE
    return Meaning.TAKE_BACK if _TAKE_BACK_TEXT.fullmatch(plain) else Meaning.UNCLEAR
