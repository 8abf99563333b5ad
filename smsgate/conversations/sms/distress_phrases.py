"""Recognises texts that speak of despair, only to answer them kindly: nothing is scored, kept, counted or reported.

These are whole phrases in the first person, chosen with care rather than many: "I could kill for tea" and "nimekufa
njaa" are everyday expressions. A missed phrase gets the usual answer, a false match a kind one with choices.
"""

from __future__ import annotations

import re

from smsgate.flows.typed.keywords import normalise

_CANNOT = "(?:can t|cant|cannot|can not)"
_DONT = "(?:don t|dont|do not)"
_ANY_MORE = "(?:any ?more|any longer)"
_MYSELF = "(?:kill|hang|shoot|drown|poison) myself"
_NOT_FIGURE = "(?! (?:laughing|of laugh|of hunger|of thirst|of boredom|of curiosity|of cold|for a|for some|to see))"

# Written as `normalise` leaves a text: no capitals, accents, apostrophes or signs.
ENGLISH = (
    r"(?<!don t )(?<!dont )(?<!not )(?<!never )(?<!you )(?<!they )(?:want|wanna|wanted) (?:to )?(?:just"
    rf" )?die{_NOT_FIGURE}",
    r"(?:want|wanna|wanted|going|gonna|will|ll|thinking|decided|ready|plan|planning) (?:to |of |about )?(?:just"
    rf" )?{_MYSELF}"
    r"(?! (?:with|at|over|laughing|for|working))",
    r"(?:want|wanna) (?:to )?(?:harm|hurt) myself",
    r"(?:thinking (?:of|about)|thoughts of) (?:killing|hanging|harming|hurting) myself",
    r"(?:i|just|please) (?:could |can |should )?(?:kill|hang) myself(?! (?:with|at|over|laughing|for|working))",
    r"(?:want to|wanna|going to|gonna|will|ll|decided to) (?:be dead|end my (?:own )?life|stop living|end it all)",
    r"(?:want to|wanna|going to|gonna|will|ll|decided to) take my (?:own )?life(?! (?:to|in|back|and|seriously"
    r"|forward|further))",
    r"(?:ending|taking) my own life",
    r"end my life(?= (?:today|tonight|now|soon)|$)",
    r"wish (?:that )?i (?:was|were) (?:dead|not alive|never born)",
    r"wish (?:that )?i (?:had|d|was|were) never (?:been )?born",
    r"wish (?:that )?i could (?:just )?(?:die|not wake up|never wake up)",
    rf"{_CANNOT} (?:go on|carry on|keep going)(?= (?:{_ANY_MORE}|like this|living|with (?:my |this )?life)|$)",
    rf"{_CANNOT} (?:take|bear|stand|face) (?:it|this|life|this life|my life) {_ANY_MORE}",
    rf"(?:{_DONT} (?:want to|wanna|wish to)|no longer want to) (?:live|be alive|exist)"
    r"(?! (?:in|with|near|at|here|there|alone|together|far|on|off|by|under|next|for))",
    rf"{_DONT} (?:want to|wanna) (?:be here|be around|wake up) {_ANY_MORE}",
    r"no (?:reason|point) (?:to live|in living|to be alive|to stay alive|to go on living)",
    r"(?:nothing|nobody) (?:left )?to live for",
    r"(?:tired|sick|fed up) (?:of|with) (?:living|life|my life|this life|being alive)"
    r"(?! (?:in|with|near|at|here|there|alone|together|on|off|by|under|like|next|out))",
    r"life (?:is not|isn t|isnt|is no longer|is never) worth (?:living|it)",
    r"(?:my )?life is (?:meaningless|worthless)",
    r"better off (?:dead|without me)",
    r"world (?:is|would be) better without me",
    r"(?:i m|im|i am|i feel|feeling) (?:so |very |really |again )?suicidal",
    r"(?:want to|wanna|going to|gonna|will|ll|thinking (?:of|about)|thoughts of|think of) (?:commit(?:ting)?"
    r" )?suicide",
    r"i (?:have )?(?:lost|no|got no|have no) (?:all )?hope(?= (?:left|in life|to live|any ?more)|$)",
    r"(?:give|given|giving|gave) up on (?:life|living)",
    r"done with (?:life|living|this life)$",
    rf"feel like (?:dying|killing myself|ending my life|ending it all){_NOT_FIGURE}",
    rf"(?:{_DONT}|{_CANNOT}|not) (?:see|have|find) (?:any|a|the) (?:reason|point) (?:to live|in living|of living)",
    r"better (?:off )?if i (?:die|died|was dead|were dead|was gone|were gone)",
    r"(?:nobody|no one|noone) would (?:even )?miss me(?= if i (?:die|died|was|were)|$)",
    r"i (?:\w+ ){0,3}(?:drink|drank|take|took|taken|swallow|swallowed) (?:rat |the |some )?poison",
    r"i (?:am|m) in despair",
    r"goodbye (?:cruel )?world",
)
SWAHILI = (
    r"(?:nataka|ninataka|natamani|ninatamani|ningependa|ningetaka|"
    r"nilitaka|nimeamua) (?:tu )?(?:kufa|nife|kudedi)(?! (?:kwa |na )?"
    r"(?:kicheko|njaa|kiu|raha))",
    r"(?:heri|afadhali|bora|tamani) (?:mimi )?(?:nife|ningekufa|ningalikufa)",
    r"(?:bora|heri|afadhali) kufa kuliko kuishi",
    r"(?:nataka|ninataka|natamani|nafikiria|ninafikiria|nawaza|ninawaza|nimeamua|nitaenda|naenda|najaribu) (?:tu )?"
    r"(?:kujiua|nijiue|kujinyonga|nijinyonge|kujimaliza|nijimalize|kujikill|kujitoa uhai)",
    r"(?:nitajiua|najiua|nijiue|nitajinyonga|najinyonga|nijinyonge|nitajimaliza|nitajitoa uhai|nijitoe uhai)(?! "
    r"(?:na|kwa) (?:kazi|kicheko))",
    r"(?:sitaki|sitamani|sipendi) (?:tena )?kuishi(?= (?:tena|duniani|maisha haya|hivi)|$)",
    r"(?:sina|sioni|hakuna) (?:tena )?(?:haja|sababu|maana|faida) ya (?:kuishi|maisha|life)(?! (?:na|ya|hapa|huko"
    r"|mjini))",
    r"nimecho(?:ka|shwa) (?:kuishi|na (?:hii |haya )?(?:maisha|life|dunia))(?: haya| hii| yangu| kabisa)?(?! (?:ya"
    r"|na|hapa|huko|mjini|kijijini|kwa))",
    r"(?:maisha|life) (?:haya |hii |yangu )?(?:yamenishinda|yamenichosha|imenishinda|imenichosha)(?! (?:ya|huku|hapa"
    r"|mjini))",
    r"maisha (?:yangu )?(?:hayana|hayana tena) maana",
    r"(?:nisingezaliwa|nisingalizaliwa|singezaliwa)",
    r"(?:nimekata tamaa|nimepoteza (?:tumaini|matumaini)|sina (?:tena )?(?:tumaini|matumaini))(?= (?:tena|kabisa"
    r"|maishani|(?:ya|na|katika) (?:maisha|kuishi))|$)",
    r"siwezi (?:tena )?kuendelea(?= (?:tena|hivi|kuishi|na maisha)|$)",
    r"siwezi (?:kuvumilia|kustahimili) tena",
    r"(?:nitakunywa|nimekunywa|ninywe|nakunywa|nataka kunywa|nitameza|nimemeza|nimeze|nataka kumeza) sumu",
    r"dunia (?:ni |itakuwa )?bora bila mimi",
)
_WITH_WHOM = "(?! (?:ici|avec|chez|a|au|aux|en|dans|la bas|seule?|loin|pres|sur|de|des|du))"
_DO_IT = "(?:me tuer|me suicider|me pendre|me noyer|m empoisonner|mettre fin a (?:ma vie|mes jours)|m oter la vie)"
FRENCH = (
    r"(?:je veux|je voudrais|je souhaite|j aimerais|envie de|je prefere|je prefererais|je veux juste|besoin de) "
    r"(?:mourir|crever)"
    r"(?! (?:de (?:rire|faim|soif|honte|froid|chaud)|que|plutot))",
    r"(?:je veux|je voudrais|je vais|j aimerais|envie de|je pense a|je songe a|decide de|penser? a|je veux juste) "
    rf"{_DO_IT}(?! (?:a la|au|a))",
    r"(?:je veux|je voudrais|je vais|j aimerais|envie d|envie de|besoin d) en finir(?= (?:avec (?:la vie|ma vie"
    r"|tout)|pour de bon|maintenant|ce soir)|$)",
    r"je (?:me suicide|me suiciderai|me tuerai)(?! (?:a la|au|a))",
    r"je suis suicidaire",
    r"(?:idees|pensees|envies) suicidaires",
    rf"(?:veux|ai|a) plus (?:envie de )?(?:vivre|exister){_WITH_WHOM}",
    r"veux plus (?:etre la|me reveiller)$",
    rf"(?:pas|plus) envie de vivre{_WITH_WHOM}",
    r"(?:plus|pas|aucune) (?:de |aucune )?raison de vivre",
    r"plus gout a (?:la vie|rien)",
    r"vie n a (?:plus|pas|aucun) (?:de |aucun )?sens",
    r"vie ne vaut (?:plus|pas) la peine",
    rf"(?:fatiguee?|marre|las|lasse|degoutee?) de (?:vivre|la vie|cette vie|ma vie){_WITH_WHOM}",
    r"(?:j aimerais|je voudrais|je veux|je prefererais) etre morte?$",
    r"(?:jamais|pas) (?:etre nee?|du naitre)",
    r"(?:monde|famille|enfants|tous|gens) (?:\w+ ){0,4}mieux sans moi",
    r"j(?:e n)? ai (?:plus (?:aucun |d )|perdu (?:tout )?)espoir(?= (?:dans la vie|de vivre)|$)",
    r"^(?:\w+ )?je n en peux plus(?: du tout| vraiment| de (?:vivre|la vie|cette vie|tout))?$",
    r"je suis desesperee?(?= aide|$)",
    r"(?:je vais|j ai|je veux) (?:boire|bu|avaler|avale|prendre|pris) (?:du|le) poison",
    r"adieu (?:la vie|monde cruel)",
    r"plus la force de (?:vivre|continuer$)",
    r"a quoi bon vivre",
    r"(?:je pense|je songe) au suicide",
)
SPOKEN = {
    language: re.compile("|".join(rf"(?:(?<!\S)(?:{phrase})(?!\S))" for phrase in phrases))
    for language, phrases in (("en", ENGLISH), ("sw", SWAHILI), ("fr", FRENCH))
}


def spoken(text: str) -> str:
    """Return the language in which a text speaks of despair; "" for any other text."""
    plain = normalise(text)
    return next((language for language, phrases in SPOKEN.items() if phrases.search(plain)), "")
