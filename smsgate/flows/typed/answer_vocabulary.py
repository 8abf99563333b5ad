"""What people answer to a question, in English, Swahili and French; a speaker of the language adds to these lists.

They are written as `letters.fold` and `letters.words_of` leave a text: small letters, no accents, apostrophes or signs.
`tests/ussd_and_sms/words_that_answer.yaml` lists whole texts and how to read them.
"""

from __future__ import annotations

from smsgate.flows.typed.letters import spaced

# Whole phrases, the longest first where one begins another: the reader takes the longest that fits.
YES = """
yes | yess | yeah | yea | yeh | yep | yup | yap | yah | ya | ye | yas | yebo | aye | for sure | certainly
| definitely | absolutely | of course | ofcourse | gladly | with pleasure | i agree | agree | agreed | i accept
| accepted | accept | you may | they may | she may | he may | you can | they can | she can | he can | i do
| i will | i shall | i can | i am able | am able | willing | i am willing | i am ready | am ready | count me in
| i am in | am in | coming | i am coming | am coming | will come | i will come | i shall come | i come | come
| can come | i can come | i can make it | can make it | i will make it | will make it | i will be there
| will be there | be there | i will be coming | will be coming | i will attend | will attend | attending
| i am attending | am attending | i can attend | can attend | i plan to come | see you there | on my way
| i am on my way | am on my way | omw | on the way | i am on the way | am on the way | on it | i am on it
| am on it | i can help | can help | i will help | will help | i am here | am here | happy to | glad to
| i would love to | love to | we are coming | we will come | we will be there | we can | yes please | ndiyo
| ndio | ndyo | ndiy | ndo | ndiyoo | naam | eeh | ee | ehe | ewaa | nitakuja | ntakuja | nakuja | ninakuja
| nitafika | ntafika | nafika | nitakuwepo | ntakuwepo | nitahudhuria | nitakuwa hapo | nitakuwa huko
| nitakuwapo | tutakuja | tunakuja | tutafika | naja | ninaja | nitaja | nimekubali | nakubali | ninakubali
| nitakubali | kubali | naweza | ninaweza | nitaweza | ntaweza | naweza kuja | nitaweza kuja | ninaweza kuja
| nitasaidia | naweza kusaidia | ninaweza kusaidia | nitaweza kusaidia | nitamsaidia | nitakusaidia
| niko njiani | nipo njiani | njiani | bila shaka | hakika | niko tayari | nipo tayari | tayari | nitakuja tu
| nashughulikia | ninashughulikia | anaweza | wanaweza | niko pamoja nawe | tuko pamoja | oui | ouais | ouai
| ui | wi | wii | oue | mais oui | bien sur | biensur | certainement | volontiers | avec plaisir | evidemment
| absolument | je viens | jviens | je vien | viens | je viendrai | je viendrais | viendrai | j arrive | jarrive
| arrive | je serai la | je serai present | je serai presente | present | presente | je serais la | serai la
| j y serai | jy serai | je participe | je participerai | je suis la | je peux | je peut | jpeux | peux
| je peux venir | je peux aider | je peux l aider | je vais venir | je m en occupe | je men occupe
| je m en charge | je suis en route | en route | en chemin | j accepte | jaccepte | accepte | je suis d accord
| suis d accord | je veux bien | on vient | on arrive | nous venons | nous viendrons | on sera la
| compte sur moi | comptez sur moi | vous pouvez | elle peut | il peut | je compte venir
"""
# These mean yes to a question, but may also only take note of what we said last: "no problem" after "That is fine".
POLITE = """
sure | no problem | no issue | thumbs up | hakuna shida | hamna shida | hakuna tatizo | hakuna neno | pas de probleme
| pas de souci | pas de soucis | aucun probleme | sans probleme
"""
# These do too by themselves; before another word they only open the sentence: "ok, I can't".
OPENING = """
ok | okay | okey | okei | oki | oky | okk | k | kk | alright | all right | allright | fine ok | sawa | sawasawa
| sawa sawa | swa | poa | haya | d accord | daccord | dac | dacc | dak | entendu | ca marche | c est bon
"""
NO = """
no | nope | nop | nah | naa | noo | no no | never | not coming | i am not coming | am not coming | will not come
| i will not come | wont come | i wont come | i wont be coming | wont be coming | not able | i am not able
| am not able | unable | i am unable | am unable | unable to come | i am unable to come | i cannot | cannot | cant
| i cant | can not | i can not | cannot come | i cannot come | cant come | i cant come | can not come
| i can not come | cannot make it | i cannot make it | cant make it | i cant make it | i wont make it | wont make it
| i will not make it | cannot attend | i cannot attend | cant attend | i cant attend | will not attend
| i will not attend | wont attend | i wont attend | not attending | i am not attending | am not attending
| i will not be there | will not be there | i wont be there | wont be there | not be there | i wont | wont
| i will not | will not | i do not | i dont | cant help | cannot help | i cant help | i cannot help
| i am not able to help | not able to help | not able to come | i am not able to come | i would rather not
| would rather not | rather not | i prefer not | prefer not | i dont want | dont want | i do not want | do not want
| i dont want to | i do not agree | i dont agree | i disagree | disagree | i decline | decline | no thanks
| no thank you | no thanx | no thx | not interested | i am not interested | am not interested | not this time
| not today | not now | i am not | am not | not me | not possible | impossible | not really | yes i cannot
| of course not | certainly not | sure not | absolutely not | definitely not | no way | i will miss it
| will miss it | i will miss | am not ready | i am not ready | not yes | not ok | not okay | after all not
| cannot after all | i cannot after all | cant after all | i cant after all | not after all | hapana | apana | hpana
| hapna | hapanaa | la | laa | la hasha | sitakuja | stakuja | siji | sikuji | sitaja | sitafika | sitahudhuria
| sitakuwepo | sitakuwapo | siwezi | sitaweza | staweza | siwezi kuja | sitaweza kuja | siwezi kusaidia
| sitaweza kusaidia | siwezi kumsaidia | sitasaidia | sitamsaidia | sikubali | sitakubali | nakataa | ninakataa
| sipendi | haiwezekani | hatutakuja | hatuji | hatuwezi | sio leo | si leo | sio sasa | si sasa | sina nafasi
| sina muda | siko tayari | sipo tayari | bado sitakuja | si mimi | haitawezekana | hawezi | hawawezi | non | nan
| pas moi | je ne viens pas | je viens pas | ne viens pas | je ne viendrai pas | je viendrai pas | viendrai pas
| je ne peux pas | je peux pas | jpeux pas | peux pas | je ne peux pas venir | je peux pas venir | je ne pourrai pas
| je pourrai pas | pourrai pas | je ne pourrai pas venir | je pourrai pas venir | je ne peux pas aider
| je peux pas aider | je ne serai pas la | je serai pas la | je ne serai pas present | je ne serai pas presente
| je serai absent | je serai absente | absent | absente | pas possible | je ne veux pas | je veux pas | non merci
| pas aujourd hui | pas maintenant | pas cette fois | je refuse | refuse | je n accepte pas
| je ne suis pas d accord | je suis pas d accord | pas d accord | je prefere pas | je prefere ne pas
| malheureusement pas | on ne vient pas | on vient pas | on ne peut pas | nous ne venons pas | pas interesse
| pas interessee | absolument pas | certainement pas | bien sur que non | mais non | pas disponible
| je ne suis pas disponible | finalement non
"""
MAYBE = """
maybe | may be | mayb | mebbe | mabye | perhaps | possibly | probably | not sure | i am not sure | am not sure
| unsure | i might | might | might come | i might come | i may come | may come | i will try | will try | trying
| i will try to come | will try to come | i will see | will see | we will see | lets see | let us see | it depends
| depends | i do not know | i dont know | dont know | do not know | dunno | idk | i do not know yet
| i dont know yet | dont know yet | not decided | not sure yet | i am not sure yet | cant say | cannot say
| cant say yet | cannot say yet | i hope | i hope so | hopefully | if i can | if possible | if god wills
| god willing | maybe yes | maybe no | yes maybe | maybe not | i think so | think so | likely | 50 50 | undecided
| still thinking | yes or no | labda | lbda | lada | pengine | huenda | yawezekana | inawezekana | nitajaribu
| najaribu | ntajaribu | nitajitahidi | nitaangalia | tutaona | nitaona | sijui | sijui bado | sina uhakika
| bado sijui | sijajua | sijaamua | sina hakika | bado sijaamua | inategemea | nikiweza | ikiwezekana
| mungu akipenda | inshallah | inshalla | insha allah | natumaini | nafikiri hivyo | bado nafikiria
| nikipata nafasi | peut etre | peutetre | ptetre | pt etre | peutet | peut | possible | possiblement | probablement
| surement peut etre | pas sur | pas sure | je ne suis pas sur | je ne suis pas sure | je suis pas sur
| je suis pas sure | je ne sais pas | je sais pas | jsais pas | sais pas | je ne sais pas encore
| je sais pas encore | on verra | je verrai | je vais voir | je vais essayer | je vais essayer de venir | j essaie
| j essaierai | j essayerai | ca depend | si je peux | si possible | si dieu veut | j espere | peut etre oui
| peut etre que oui | peut etre que non
| peut etre non | pas encore decide | pas encore decidee
"""
ONE = "one | first | the first | moja | mosi | ya kwanza | kwanza | un | une | le premier | premier | premiere"
TWO = "two | second | the second | mbili | ya pili | pili | deux | le deuxieme | deuxieme | seconde"
THREE = "three | third | the third | tatu | ya tatu | trois | le troisieme | troisieme"
# These may stand around an answer and don't change it.
AROUND = """
please | pls | plz | pliz | kindly | thanks | thank you | thank u | thanx | thx | tnx | ty | thanks a lot
| thank you so much | thank you very much | many thanks | very much | so much | a lot | hi | hello | hey | hallo
| helo | good morning | good afternoon | good evening | morning | evening | dear | my dear | friend | my friend
| friends | sister | my sister | brother | my brother | bro | sis | sir | madam | mum | mama | all | everyone
| everybody | guys | team | there | sorry | so sorry | am sorry | i am sorry | oh | ah | um | uh | hmm | lol | haha
| well | really | just | now | right now | today | tomorrow | tonight | again | indeed | surely | very | too | also
| definitely yes | for me | from me | me | am | my answer is | answer | my answer | the answer is | i say | i said
| reply | replying | i choose | choose | option | number | press | pick | it is | its | i reply | i answer | and
| god bless | god bless you | bless you | blessings | amen | regards | best regards | kind regards | cheers | bye
| take care | no worries | dont worry | do not worry | wishes | on time | in time | insha | to the meeting
| to meeting | for the meeting | to the group | the meeting | with joy | love | much love | ma am | right | great
| perfect | cool | good | nice | welcome | tafadhali | tafadhari | asante | asanteni | ahsante | ahsanteni
| asante sana | ahsante sana | shukrani | shukran | sana | nashukuru | ninashukuru | habari | habari yako
| habari zenu | hujambo | jambo | mambo | shikamoo | salama | rafiki | rafiki yangu | dada | kaka | ndugu | mpendwa
| wapendwa | mpenzi | baba | bwana | bibi | pole | poleni | pole sana | samahani | samahanini | leo | kesho | sasa
| sasa hivi | pia | tena | kweli | mimi | jibu | jibu langu | jibu langu ni | jibu ni | namba | nambari
| nachagua | ninachagua | chaguo | nasema | ninasema | ni | mungu akubariki | barikiwa | mbarikiwe | ubarikiwe
| amina mungu | karibu | usijali | msijali | kwaheri | vizuri | vyema | vema | safi | kabisa | kwenye mkutano
| mkutanoni | kwa mkutano | hapo | huko | jamani | wangu | merci | merci beaucoup | merci bien | beaucoup | bonjour
| bonsoir | salut | coucou | svp | stp | s il vous plait | s il te plait | sil vous plait | mon ami | mon amie | ami
| amie | chere | cher | ma soeur | mon frere | frere | soeur | madame | monsieur | mesdames | desole | desolee
| je suis desole | je suis desolee | pardon | excusez moi | excuse moi | malheureusement | maintenant | aujourd hui
| demain | ce soir | aussi | vraiment | bien | moi | pour moi | ma reponse | ma reponse est | reponse | je reponds
| je choisis | choix | numero | numer | c est | cest | a bientot | a demain | a plus | bonne journee | bonne soiree
| que dieu te benisse | que dieu vous benisse | dieu vous benisse | bises | bisous | cordialement | a la reunion
| la reunion | avec joie | voila | parfait | tres bien | super | tout de suite | a l heure | ne t inquiete pas | tkt
| rien de grave
"""
SIGNS = {
    "thumbs up": "👍👌✅✔☑🆗🤝",
    "yes": "🙋💯🏃🚶🚌",
    "no": "👎❌✖🚫🙅❎⛔",
    "maybe": "🤷🤔",
}


def phrases(listed: str) -> frozenset[tuple[str, ...]]:
    """Return the phrases of a list, each as a tuple of words."""
    return frozenset(tuple(phrase.split()) for phrase in listed.split("|") if phrase.split())


# With one of these an answer has a condition, even if the rest looks like a name.
HEDGES = spaced(
    "not but if unless except only however though although then because when after before until with without who what "
    "why how where lakini ila bali kama isipokuwa endapo ikiwa baada kabla mpaka kwa nani nini lini "
    "pas mais si sauf quand apres avant jusqu sans avec qui que quoi ou comment pourquoi"
)
