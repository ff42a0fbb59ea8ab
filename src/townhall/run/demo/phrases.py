"""What made-up people write to a made-up telephone company. All of it was written for this demo."""

from msgspec import Struct


class Subject(Struct, frozen=True):
    """One thing people write about. ``weight`` is its share; ``openings`` begin threads, ``others`` chime in,
    ``answers`` are the firm's first reply, ``after`` what the customer says then, ``closing`` the firm's last word.
    ``picture`` names a photo that may be attached, with its author's description in ``alt``."""

    name: str
    weight: float
    openings: tuple[str, ...]
    answers: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    closing: tuple[str, ...] = ()
    picture: str = ""
    alt: str = ""


NO_SIGNAL = Subject(
    "no signal", 16,
    (
        "{firm} no signal in {place} since {hour}, is there an outage?",
        "{firm} Third evening in a row without signal in {place}. I pay for this. When will it be fixed?",
        "{firm} my phone says emergency calls only all over {place}. Anybody else?",
        "{firm} is the mast in {place} down again? Cannot make a single call.",
        "{firm} We run a small shop in {place} and the card reader hangs on your network. No signal, no sales today.",
        "{firm} still no signal in {place}, day two. What is going on?",
    ),
    (
        "{name}, sorry about that. A mast near {place} is out of order and a crew is on its way. We will write here when it is back.",
        "Hello {name}, we see a fault near {place}. Engineers expect it to be mended by {later}. Wi-Fi calling works meanwhile: Settings, Calls, Wi-Fi calling.",
        "Thanks for telling us, {name}. Could you say which street, so that we can check the right cell?",
    ),
    (
        "Same here in {place}, nothing since {hour}.",
        "{place} is dead as well. Two bars on the hill and that is it.",
        "Mine came back for ten minutes and went again.",
        "Works with Wi-Fi calling switched on, if that helps anybody.",
    ),
    ("Still nothing.", "It is back, thank you.", "Mill Lane, next to the school.", "Back since five minutes ago. Thanks for the quick word."),
    ("Glad it is back, {name}. Write to us any time.", "Thank you, {name}. Passed on to the crew."),
    "mast", "A phone mast behind a row of houses, its warning light dark.",
)  # fmt: skip

BILL = Subject(
    "bill", 13,
    (
        "{firm} why is my bill {sum} this month? It was {lesssum} in all the others.",
        "{firm} You charged me twice for {month}. Order {order}. Please pay one back.",
        "{firm} what is this \"data pass\" of {lesssum} on my bill? I never bought one.",
        "{firm} my direct debit went out a week early and now I am overdrawn. How is that all right?",
        "{firm} I was promised {lesssum} a month until next year and the bill says {sum}. Which is it?",
    ),
    (
        "Hello {name}, that should not happen. Please send us your customer number in a private message and we will look at the bill with you.",
        "{name}, you are right to ask. A pass of that price is booked when the allowance runs out abroad. We can switch it off for you: shall we?",
        "Sorry for the fright, {name}. The second charge is a hold by the bank and falls away within three days.",
    ),
    ("They did the same to me in {month}, it took two letters.",),
    ("Sent.", "Three days is long when it is rent week, but thank you.", "Yes please, switch it off.", "Sorted, that was quick."),
    ("Done, {name}. The credit shows on your next bill.",),
    "bill", "A printed telephone bill with one line circled in red ink.",
)  # fmt: skip

ROAMING = Subject(
    "roaming", 8,
    (
        "{firm} going to {abroad} next week. Is roaming included in the Meadow plan?",
        "{firm} landed in {abroad}, phone finds a network but no data. What do I switch on?",
        "{firm} a text says I used 80 % of my data abroad after one day. How can that be?",
    ),
    (
        "Have a good journey, {name}. Meadow includes 12 GB in {abroad}. Nothing to book, only switch data roaming on.",
        "{name}, please switch data roaming on under Settings, Network, then restart the phone once.",
    ),
    ("In {abroad} I had to choose the network by hand, then it worked.",),
    ("That did it, thanks.", "Perfect, thank you.", "Still no data after the restart."),
    ("Enjoy {abroad}, {name}.",),
)  # fmt: skip

ROUTER = Subject(
    "router", 11,
    (
        "{firm} the light on my router blinks orange since {hour}. What does that mean?",
        "{firm} broadband drops every evening at nine. I restarted the router four times. Now what?",
        "{firm} getting 4 Mbit/s on a line sold as 100. Speed test attached.",
        "{firm} how do I change the name of my Wi-Fi on the Fern 3 router?",
    ),
    (
        "Hello {name}, orange means that the router looks for the line. Is the grey cable firm at both ends?",
        "{name}, we see the drops on your line. An engineer could come on Thursday between 8 and 12. Shall we book it?",
        "The name is changed at fern.local under Wireless, {name}. The password is on the sticker below.",
    ),
    (
        "Change the channel by hand, ours was fighting with the neighbours.",
        "The orange light was the cable here too.",
    ),
    ("It was the cable! Thank you.", "Thursday is fine.", "No, both are firm and it still blinks."),
    ("Booked for Thursday, {name}. You get a message when the engineer is on the way.",),
    "router", "A white router on a shelf, its middle light orange.",
)  # fmt: skip

DELIVERY = Subject(
    "delivery", 9,
    (
        "{firm} order {order} says delivered but there is no parcel here. Where is it?",
        "{firm} waited in all day for the new phone, nobody came. Order {order}.",
        "{firm} The phone arrived with a cracked corner. Order {order}. What do I do now?",
        "{firm} can I still change the address of {order}?",
    ),
    (
        "Sorry, {name}. The courier left {order} with a neighbour at number 14. Is it there?",
        "{name}, that is not how a new phone should look. We send another tomorrow and the courier takes the broken one back.",
        "Hello {name}, it left the warehouse this morning. We asked the courier to call you before the door.",
    ),
    ("That courier never rings, ours was behind the bins.",),
    ("It is there, thank you.", "No neighbour has it.", "Great, thanks for sorting it."),
    ("Thank you for your patience, {name}.",),
    "parcel", "A cardboard parcel with a crushed corner on a doormat.",
)  # fmt: skip

MOVE = Subject(
    "number transfer", 6,
    (
        "{firm} my number transfer was meant for Monday and I still have two SIM cards. How long does it take?",
        "{firm} how do I bring my old number to you?",
        "{firm} lost my number in the transfer. People call a stranger now. Please help.",
    ),
    (
        "{name}, a transfer takes one working day once the code is in. Please send us the code in a private message.",
        "Sorry, {name}. We called the other network and the number moves tonight at eight.",
    ),
    (), ("Code sent.", "Moved, thank you.", "Eight has passed, still nothing."),
    ("All set, {name}. Welcome.",),
)  # fmt: skip

APP = Subject(
    "app", 7,
    (
        "{firm} the app logs me out every time I open it since the update. Known problem?",
        "{firm} cannot see my usage in the app, only a white page. Where else can I look?",
        "{firm} the app shows the bill of somebody else?! First name Oskar, not me.",
    ),
    (
        "Hello {name}, version 5.2.1 mends the log-outs. It is in the stores since this morning.",
        "{name}, thank you for telling us. We took that page down at once and our privacy office is looking into it. Please do not share a screenshot here.",
        "Text USAGE to 4300 and you get it by message, {name}. The white page is being worked on.",
    ),
    ("Same white page here.", "Reinstalling helped me."),
    ("Updated, works.", "Thanks, the text works.", "Still logs me out on 5.2.1."),
    ("Good to hear, {name}.",),
    "app", "A phone showing a white page below the heading Usage.",
)  # fmt: skip

CANCEL = Subject(
    "cancel", 4,
    (
        "{firm} how do I cancel my contract? Nobody answers the telephone.",
        "{firm} I am leaving for another provider after nine years. Where do I send the notice?",
    ),
    (
        "We are sorry to read that, {name}. Notice takes one message: write CANCEL to us privately with your customer number, we confirm within a day.",
    ),
    (), ("Done.", "What would you offer if I stay?"),
    ("Confirmed, {name}. Thank you for the nine years.",),
)  # fmt: skip

SALES = Subject(
    "plans", 6,
    (
        "{firm} does the Brook plan come with an eSIM?",
        "{firm} is there a family plan for four with one bill?",
        "{firm} Do you still sell the small Fern phone in green?",
    ),
    (
        "Yes, {name}: choose eSIM when you order, it is there in a minute.",
        "It is called Grove, {name}: up to five lines on one bill, 12 off each. Shall we send you the link?",
        "In green until the end of the month, {name}.",
    ),
    (), ("Lovely, thank you.", "Yes please."), ("Here you are: https://fernhill.example/grove",),
)  # fmt: skip

PRAISE = Subject(
    "praise", 9,
    (
        "{firm} the engineer who came to {place} today was wonderful. Explained everything to my mother. Thank you.",
        "Have to say it: {firm} answered within ten minutes and solved it. Rare these days.",
        "{firm} full signal on the train to {place} at last. Well done.",
        "New router from {firm} took five minutes to set up. Impressed.",
    ),
    ("That is very kind, {name}. We passed it on to the crew.", "Thank you, {name}. It made our morning."),
    ("Agree, they were good with us too.",),
)  # fmt: skip

CHAT = Subject(
    "talk", 9,
    (
        "Saw the {firm} van in {place} twice today, something is coming.",
        "My grandmother calls every phone a Fernhill now, {firm}.",
        "{firm} your hold music has been in my head since Tuesday.",
        "Comparing plans tonight, {firm} against the two big ones. Opinions welcome.",
    ),
    ("You made the team smile, {name}.", "Ask us anything, {name}."),
    ("It grows on you.", "We changed last year and did not look back.", "Signal first, price second, if you ask me."),
)  # fmt: skip

ELSEWHERE = Subject(
    "other languages", 5,
    (
        "{firm} llevo dos días sin internet en {place}. ¿Cuándo lo arreglan?",
        "{firm} seit gestern kein Netz in {place}. Wann geht es wieder?",
        "{firm} pourquoi ma facture est-elle de {sum} ce mois-ci ?",
        "{firm} od rana nie mam zasięgu w {place}, czy to awaria?",
        "{firm} faturamda anlamadığım bir ücret var, bana yardım eder misiniz?",
    ),
    ("{name}, thank you. A colleague who speaks your language answers you here within the hour.",),
    (), ("Gracias.", "Danke, es geht wieder.", "Merci."), (),
)  # fmt: skip

SUBJECTS = (NO_SIGNAL, BILL, ROAMING, ROUTER, DELIVERY, MOVE, APP, CANCEL, SALES, PRAISE, CHAT, ELSEWHERE)
SAME = (
    "Thank you, {name}. It is the same fault; we write here when it is mended.",
    "Noted, {name}, thank you.",
    "{name}, thanks for telling us. A colleague has it in hand.",
)
"""What the firm says to those who chime in."""

PLACES = (
    "Harwick",
    "Ottersley",
    "Penmoor",
    "Little Carrow",
    "Saltby",
    "Dunmere",
    "Wexcombe",
    "Ashdale",
    "Brackwater",
)
ABROAD = ("Portugal", "Norway", "Greece", "Canada", "Japan", "Türkiye")
FIRST = (
    "Amara", "Ben", "Chidi", "Dana", "Elif", "Farid", "Grace", "Hana", "Ivo", "Jonas", "Katya", "Leila", "Mateo", "Nora",
    "Owen", "Priya", "Quinn", "Rosa", "Samir", "Tess", "Umar", "Vera", "Wen", "Yusuf", "Zofia", "Aoife", "Bruno", "Ines",
)  # fmt: skip
LAST = (
    "Adeyemi", "Bell", "Castro", "Dufour", "Ekström", "Fox", "Gupta", "Hale", "Ito", "Jansen", "Kowal", "Lund", "Moreau",
    "Nwosu", "Okafor", "Pereira", "Rossi", "Sato", "Tran", "Underhill", "Vargas", "Weiss", "Yilmaz", "Zhou",
)  # fmt: skip
SIGNED = ("Jude", "Mina", "Theo", "Sol")
SLIPS = (
    ("signal", "singal"),
    ("thank", "thnak"),
    ("since", "sinse"),
    ("router", "ruoter"),
    ("please", "plese"),
)
"""Slips of the keyboard that an edit mends."""
