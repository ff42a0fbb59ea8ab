# ruff: noqa: SIM905 (word lists read better as prose than as quoted strings)
"""The words that tell of abuse and of urgency, by group, and which groups have to stand close together.

The lists hold what a moderator has to recognise; they serve nothing else. A word that ends in ``*`` stands for all that
begin so. Words are in the readers' normal form: lower case, no accents, no apostrophes.
"""

from msgspec import Struct


class Tell(Struct, frozen=True):
    """``sort`` of sign; ``first`` group, alone or with ``then`` at most ``reach`` words behind it; ``weight`` in log-odds."""

    sort: str
    weight: float
    first: str
    then: str = ""
    reach: int = 4


GROUPS: dict[str, tuple[str, ...]] = {
    "obscene": tuple(
        (
            "fuck* fuk* fck* motherfuck* fuq mf mfs wtf stfu gtfo shit* bullshit* dipshit* bitch* biatch* bastard* cunt* asshole* "
            "asshat* ass dumbass* jackass* badass smartass arse arsehole* dick dicks dickhead* prick pricks wanker* twat twats whore* slut* hoe "
            "hoes thot thots douche* pussy pussies cock cocks cocksuck* bollocks piss pissed pissing retard* libtard* fag fags faggot* "
            "nigger* nigga* dyke dykes tranny trannies kike kikes spic spics chink chinks paki pakis coon coons raghead* wetback* "
            "goddamn damn dammit crap suck sucks milf horny tits boobs "
            "scheis* arschl* wichser hurensohn fotze missgeburt vollidiot* drecksau schlampe* putain connard* connasse* salope* encule* "
            "abruti* merde mierda puta putas puto putos cabron* gilipollas pendej* maricon* zorra* caralho porra merda viado* vagabund* "
            "otario* arrombad* stronz* cazzo vaffanculo puttan* troia coglion* chutiya* madarchod* bhenchod* behenchod* harami "
            "haramkhor kutta kamina randi gandu شرموطة حقير خنزير"
        ).split()
    ),
    "insult": tuple(
        (
            "dumb dumber dumbest stupid* ugly lazy disgust* pathetic trash garbage useless nonsense bs ignorant delusional insane crazy evil "
            "corrupt* disgrace* shameful shameless lying hate hates hater* nasty hag bimbo hypocri* foolish worthless brainless braindead "
            "filth filthy criminal* fraud* sick terrorist* ridiculous vile"
        ).split()
    ),
    "insulting": tuple(
        (
            "idiot* moron* imbecil* cretin* clown clowns loser losers scum scumbag* vermin pig pigs parasite* traitor* coward* liar liars crook "
            "crooks creep creeps pervert* pedo pedos pedophile* psycho* lunatic* nutjob* racist* nazi nazis fascist* snowflake* "
            "deplorable* cockroach* thug thugs fool fools jerk jerks weirdo* freak freaks troll trolls bigot* shill* rapist* commie* cuck cucks "
            "simp simps skank* bastardo bastardi idiota* imbecille sicko*"
        ).split()
    ),
    "you": tuple(
        "you u ur your youre yall ya yourself hes shes theyre he she they him her them these those".split()
    ),
    "people": tuple(
        (
            "women woman females girls immigrant* migrant* refugee* muslim* islam jews jew jewish gay gays lesbian* homosexual* trans "
            "transgender* transsexual* tranny trannies disabled cripples foreigner* asian* african* mexican* indian* christian* black "
            "blacks white whites arab arabs gypsy gypsies nigger* nigga* fag* liberals conservatives"
        ).split()
    ),
    "hating": tuple("hate despise loathe detest kill exterminate deport lynch rape gas eradicate".split()),
    "scorned": tuple(
        (
            "scum vermin disgust* plague disease cancer stupid dumb subhuman animals rats pigs inferior filth filthy trash worthless evil criminals "
            "terrorists rapists thieves dirty disgrace* abomination freaks whores sluts parasites shot killed hanged deported banned wiped gassed "
            "exterminated burn suffer rot disappear ruin unwanted monkeys cockroaches retarded"
        ).split()
    ),
    "will": tuple(
        "ill will gonna going wanna want hope wish should deserve* must go somebody someone lets love".split()
    ),
    "harming": tuple(
        "kill hurt punch stab shoot shot strangle beat murder slap smash hanged die rot burn raped rape choke suffer".split()
    ),
    "victim": tuple("you u your yourself urself yourselves him her them myself".split()),
    "end": tuple("kill end take kms".split()),
    "myself": tuple("myself life".split()),
    "fire": tuple("fire flames smoke sparks smoking burning".split()),
    "catching": tuple("caught catches catching".split()),
    "burns": tuple(
        "house charger phone battery building car kitchen cabin engine toaster boiler oven cable wire wires socket".split()
    ),
    "dying": tuple("die dies rot burn suffer shot hanged".split()),
    "blows": tuple("exploded explodes exploding blew".split()),
    "thing": tuple(
        "charger phone battery toaster boiler oven laptop kettle scooter heater tyre tire engine microwave iphone galaxy".split()
    ),
    "gas": tuple("gas fumes".split()),
    "smell": tuple("smell smells smelling leak leaks leaking leaked".split()),
    "danger": tuple("electrocuted anaphylaxis anaphylactic choking suicidal suicide carbon-monoxide".split()),
    "hurt": tuple("injured bleeding unconscious collapsed seizure swallowed vomiting trapped".split()),
    "person": tuple(
        "i im people passenger* someone somebody man woman child children kid kids son daughter baby mother mom mum father dad wife husband we were friend".split()
    ),
    "help": tuple("call need send get called".split()),
    "ambulance": tuple("ambulance paramedics rescue".split()),
    "safe": tuple("safe unsafe threatened".split()),
    "feel": tuple("feel feeling".split()),
    "stranded": tuple("stranded marooned".split()),
    "stuck": tuple("stuck sitting locked lift elevator".split()),
    "without": tuple("no without".split()),
    "needs": tuple(
        "air water food heat heating power electricity oxygen medication medicine meds insulin".split()
    ),
    "medicine": tuple("insulin epipen dialysis inhaler chemo nebulizer oxygen".split()),
    "frail": tuple(
        "baby babies newborn infant toddler elderly disabled pregnant wheelchair diabetic oxygen freezing kids children".split()
    ),
    "grave": tuple("funeral surgery transplant operation wedding".split()),
    "miss": tuple("miss missing missed late today tomorrow tonight".split()),
    "stolen": tuple(
        "stolen hacked robbed scammed emptying withdrawing stealing unauthorized unauthorised fraudulent".split()
    ),
    "now": tuple("now immediately asap moment stop block freeze".split()),
    "disaster": tuple(
        "earthquake* aftershock* tsunami tornado* hurricane* typhoon* cyclone* wildfire* bushfire* derail* landslide* avalanche* evacuat* hostage* explosion* flood floods flooding floodwater*".split()
    ),
    "bomb": tuple("bomb bombing shots shooter shooting gunman knife gun".split()),
    "strikes": tuple("threat fired active at near blast scare pulled waving".split()),
    "toll": tuple("casualties dead wounded evacuated survivors victims".split()),
}
"""Group → its words."""

ABUSE: tuple[Tell, ...] = (
    Tell("obscenity", 4.2, "obscene"),
    Tell("insult", 1.7, "insult"),
    Tell("insult", 3.7, "insulting"),
    Tell("insult at somebody", 2.4, "you", "insulting", 5),
    Tell("insult at somebody", 1.0, "you", "insult", 3),
    Tell("obscenity at somebody", 1.4, "obscene", "you", 1),
    Tell("threat", 2.0, "will", "harming", 5),
    Tell("threat", 3.6, "harming", "victim", 2),
    Tell("threat", 3.0, "victim", "dying", 3),
    Tell("hatred", 5.0, "hating", "people", 4),
    Tell("hatred", 4.6, "people", "scorned", 5),
    Tell("hatred", 4.0, "obscene", "people", 3),
    Tell("hatred", 4.0, "insulting", "people", 3),
)
URGENT: tuple[Tell, ...] = (
    Tell("self-harm", 7.0, "end", "myself", 3),
    Tell("fire", 6.5, "catching", "fire", 2),
    Tell("fire", 5.5, "burns", "fire", 4),
    Tell("fire", 5.5, "fire", "burns", 5),
    Tell("fire", 5.5, "thing", "blows", 3),
    Tell("gas", 6.0, "smell", "gas", 3),
    Tell("gas", 6.0, "gas", "smell", 1),
    Tell("danger to life", 5.0, "danger"),
    Tell("somebody hurt", 5.2, "person", "hurt", 5),
    Tell("help called", 5.5, "help", "ambulance", 4),
    Tell("not safe", 4.6, "feel", "safe", 4),
    Tell("stranded", 4.2, "stranded"),
    Tell("without what is needed", 3.0, "stuck", "needs", 10),
    Tell("without what is needed", 3.2, "without", "needs", 2),
    Tell("medicine", 4.2, "medicine"),
    Tell("somebody frail", 2.2, "needs", "frail", 12),
    Tell("somebody frail", 2.2, "frail", "needs", 12),
    Tell("somebody frail", 2.2, "stranded", "frail", 12),
    Tell("somebody frail", 2.2, "frail", "stranded", 12),
    Tell("funeral or surgery", 4.2, "miss", "grave", 5),
    Tell("funeral or surgery", 4.0, "grave", "miss", 3),
    Tell("crime under way", 4.5, "stolen", "now", 8),
    Tell("disaster", 4.0, "disaster"),
    Tell("attack", 4.6, "bomb", "strikes", 2),
    Tell("attack", 4.6, "strikes", "bomb", 2),
    Tell("casualties", 2.0, "disaster", "toll", 20),
)
BEFORE = {"abuse": -3.0, "urgent": -5.0}
"""Log-odds before any sign."""
