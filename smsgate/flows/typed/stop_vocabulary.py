"""The words by which people stop texts, in three languages, as they type them, for `stop_words.py`."""

from __future__ import annotations

import re

from smsgate.flows.typed.letters import spaced

# Written as `fold` leaves them: no capitals, no accents. These can only mean a stop.
STRONG = spaced(
    "stop stopall unsubscribe unsub unregister deregister unjoin cessez optout revoke stoppez acha acheni "
    "wacha wacheni sitisha "
    "sitisheni komesha komesheni niondoe niondoeni jitoe simamisha simamisheni arretez arrete arreter desabonner "
    "desabonnez desabonne desabonnement desinscrire desinscrivez desinscris"
)
# These are everyday words too: they mean a stop alone, or with only the words below around them.
WEAK = spaced("quit remove simama toka ondoa ondoeni sitaki niache niacheni arret")
# Words as thumbs misspell them.
MISSPELLED = {
    **dict.fromkeys(
        spaced(
            "stp stpo sotp tsop stob stip stap stahp staph stol stopt stopo stopl stops stiop stoip ztop dtop "
            "ctop cton sto stup stpp stoping stoped etop xtop styop stpop stopc stopm ssto stoo"
        ),
        "stop",
    ),
    **dict.fromkeys(
        spaced(
            "unsubcribe unsuscribe unsubscibe unsubsribe unsubscrib unsubscripe unscribe unsubscrive usubscribe "
            "unsubscriber unsubscribe unsubscription"
        ),
        "unsubscribe",
    ),
    **dict.fromkeys(spaced("achaa ahca achaneni wachaneni"), "acha"),
    **dict.fromkeys(spaced("arretter aretez areter arretes aretter arettez"), "arretez"),
    **dict.fromkeys(spaced("desabonez desaboner desabonnes"), "desabonnez"),
    "revok": "revoke", "sitak": "sitaki", "stik": "sitaki",
}  # fmt: skip
SMS = "(?:sms|smses|texts?|txts?|messages?|msgs?|texting|messaging|notifications?|alerts?)"
_JUMBE = "(?:sms|ujumbe|jumbe|meseji|mesej|message|messages|msg|taarifa)"
_DE_SMS = "(?:sms|messages?|textos?|msgs?)"
# Whole phrases that mean a stop, each read as one strong word.
PHRASES = (
    r"opt(?:ing)? (?:me )?out",
    r"(?:take|remove|delete) (?:me|my (?:phone )?number|this number) (?:off|from)",
    r"remove (?:me|us|my (?:phone )?number|this number)",
    rf"no more (?:of )?(?:your |these |this )?{SMS}",
    r"(?:do not|dont|never|stop) (?:text|txt|message|sms|msg|contact|write|disturb|bother) (?:to )?(?:me|us)"
    r"(?: again| any ?more)?",
    rf"(?:do not|dont|never) send (?:me|us) (?:any |your |these |more |anything|any ?more|again|{SMS} ?)+",
    rf"i (?:do not|dont|no longer) want (?:to )?(?:get |receive )?(?:any |your |these |more |no )*{SMS}(?: any ?more)?",
    r"(?:leave|let) me alone",
    r"lose my number",
    r"i (?:hereby )?(?:revoke|withdraw) (?:my )?consent",
    r"(?:usi|msi|isi)nitumi(?:e|eni|a)(?: tena)?",
    r"(?:usi|msi)niandiki(?:e|eni)(?: tena)?",
    rf"sitaki (?:tena )?(?:kupokea |kupata )?{_JUMBE}",
    r"sitaki kutumiwa",
    r"(?:acha|wacha)(?:na|neni) na(?:mi|si| mimi| sisi)",
    r"(?:niondoe|niondoeni|nitoe|nitoeni|mniondoe|mnitoe|unitoe)(?: kwenye| kwa| katika)?(?: orodha)?",
    r"(?:jiondoe|toa namba yangu)",
    r"(?:nataka|naomba|ningependa|ninataka) kuji(?:toa|ondoa)",
    r"(?:ne )?(?:m|n|nous|me) ?(?:envoyez|envoie|envoies|ecrivez|ecris|contactez|contacte) plus(?: rien| jamais)?",
    r"je ne (?:veux|souhaite|desire) plus (?:recevoir )?(?:de |vos |aucun |ces |tes |rien |rien recevoir )*"
    rf"(?:{_DE_SMS})?",
    rf"(?:plus|pas) (?:de |aucun |d )(?:vos )?{_DE_SMS}",
    rf"ne plus (?:recevoir|m (?:envoyer|ecrire|contacter))(?: de| vos)?(?: {_DE_SMS})?",
    r"(?:desabonnez|desabonne|desinscrivez|retirez|enlevez|retire|enleve|supprimez|sortez) moi",
    r"(?:supprimez|retirez|enlevez|effacez) mon numero",
    r"je (?:me desabonne|me desinscris|me retire)",
    r"(?:me|nous) (?:desabonner|desinscrire|retirer)",
    r"laissez? moi (?:tranquille|en paix)",
)  # fmt: skip
# Words that don't change the meaning.
AROUND = spaced(
    "bro man bana boss jameni basi sis dear sorry ur msging txting spam subscription huduma kusumbuliwa jina langu "
    "ne bothering disturbing spamming contacting annoying harassing pestering is code nr se du "
    "please pls plz plse plis kindly thanks thank thankyou thx tnx you u very much so lot a now it this that "
    "these those them all everything sms smses text texts txt txts texting message messages messaging msg msgs me "
    "us my our number sending send receiving receive getting get the your yours from to at once immediately today "
    "already again just only sir madam hello hi hey ok okay i want need wish would can could will no more any "
    "anymore longer list service group of and notifications alerts ever phone tafadhali tafadhalini asante "
    "asanteni ahsante ahsanteni sasa kabisa tu kunitumia kutuma kutumia kututumia kuniandikia kunisumbua "
    "kutusumbua ujumbe jumbe meseji mesej hii hizi hayo haya hizo huu huo zako zenu yako yenu wako wenu mimi "
    "namba nambari yangu simu tena leo mara moja haraka orodha naomba ninaomba nataka ninataka hapana habari "
    "jamani kikundi kundi sitaki kupokea kwenye na hiyo bwana dada kaka samahani pole svp stp s il vous te plait "
    "sil plait merci de d m moi envoyer envoi envoyez les des le la l ces cet cette vos tes ton votre textos "
    "texto tout tous toutes maintenant immediatement ca cela je veux voudrais souhaite bonjour bonsoir liste svpl "
    "recevoir non numero mon ma mes desormais aux au un une groupe ecrire ecris contacter"
)
QUESTIONS = frozenset(["how", "jinsi", "namna", "vipi", "comment", "where"])
# With one of these after or before it, "stop" is no order to us ("stop by", "bus stop").
NO_ORDER_AFTER = spaced(
    "by at over here there near in on off along between for light lights sign watch until till before after "
    "outside beside opposite kwa hapa hapo pale nje mbele chez devant ici"
)
NO_ORDER_BEFORE = spaced(
    "bus matatu next last first full pit tram train one stage every his her without sans dont didnt wont "
    "doesnt cant cannot never not usi si ne n pas couldnt shouldnt wouldnt isnt prochain dernier"
)
# Phrases without our words that may mean the same: we ask, for short texts only.
MAYBE = re.compile(
    r"(?:not interested|wrong (?:number|person)|spam|enough|go away|get lost|no more|remove|delete (?:my|this) number"
    rf"|(?:end|cancel) (?:my |the |this )*(?:subscription|{SMS})|(?:do not|dont) (?:call|text|message|want this)"
    r"|who gave you my number|where did you get my number|leave (?:the |this )?group|exit (?:the |this )?group"
    r"|sop|block(?: me)?|exit|(?:take|get) me out|i want out|non stop|i (?:just )?(?:want|need|wish) to (?:stop|quit)"
    r"|i (?:just )?(?:want|need|wish) (?:it|this|it all|all this|everything) to stop|make it stop"
    r"|basi|inatosha|imetosha|yatosha|tosha|(?:u|m)mekosea namba|namba si yangu|si namba yangu"
    r"|si mimi|sihitaji|sio mimi|nataka kuacha|ondoka kwenye kikundi|mnanisumbua|unanisumbua|mnasumbua"
    r"|usinisumbue|msinisumbue|futa namba yangu"
    r"|ca suffit|assez|(?:je )?(?:ne )?(?:suis )?pas interessee?|mauvais numero|faux numero|trompez? de numero"
    r"|quitter le groupe"
    r"|(?:fichez|foutez|fous) moi la paix|vous me derangez|je veux plus de (?:sms|messages))"
)
# Those of them that may mean stopping something else, or the opposite: we ask, although our words are in them.
DOUBTFUL = re.compile(
    r"i (?:just )?(?:want|need|wish) (?:(?:it|this|it all|all this|everything) )?to (?:stop|quit)|make it stop|non stop"
    r"|nataka kuacha|je veux plus de (?:sms|messages)"
)
# After "stop", these may be about us, so we ask; other activities aren't: "stop smoking", "stop hurting me".
DOING_TO_US = spaced("calling ringing phoning writing emailing contacting sending texting messaging")
