"""Short care posts that we wrote, by what the writer needs: training rows for what the public sets of intents lack."""

from townhall.enrich.training import phrases

OUTAGE = """
is your site down
your website is down
the app is down
is there an outage in my area
no internet since this morning
internet is down again
no signal here
no service since last night
my phone has no service
network down
wifi keeps dropping
the app keeps crashing
app crashes when i open it
the app will not load
page does not load
error message every time i try to log in
service unavailable error
servers down again
can't connect to the server
is anyone else having problems with the network
the connection is very slow today
it stopped working after the update
screen goes black after update
my device does not turn on
battery drains since the update
the game freezes on the loading screen
video does not play
playlist is not loading
songs keep skipping
the website gives me an error
checkout page is broken
not able to stream anything
tv box shows no channels
broadband is out
power is out in our street
the sync does not work
login does not work on my tablet
printer not working
sound not working
error code when installing
""".strip().split("\n")

HOW_TO = """
how do i change my seat
how can i turn this off
how do i set this up
how do i install it
how do i reset the router
how can i download my tickets
how do i use the voucher
is there a way to export my data
where do i find the settings
can you tell me how to connect it to my tv
how do i add another user
how to change the language
what do i need to bring
how does this work
does it work with the older model
can i use it abroad
""".strip().split("\n")

DELIVERY = """
where is my parcel
my parcel has not arrived
package says delivered but it is not here
tracking has not updated for days
the courier did not show up
when will my order ship
delivery was due yesterday
you lost my luggage
where is my bag
my suitcase did not arrive
the driver left the box at the wrong house
""".strip().split("\n")

OTHER = """
i am on the latest version
it is an iphone with the newest system
windows ten and chrome
done, sent you the details
yes i tried that already
no it did not
ok will try
i doubt it
same here
will do
happens on wifi too
on my phone and on my laptop
it was on the messenger
since last week i think
that is the one
premium account in germany
let me check
here is a screenshot
this one
good song
see you tomorrow
who is going to the show
""".strip().split("\n")

BILLING = """
charged me twice
you charged me twice for the same thing
why is my bill so high
my bill went up again
overcharged on my last bill
i was charged after i cancelled
there is a charge i do not know
where can i find my invoice
what is this fee on my bill
you took money from my account twice
""".strip().split("\n")

CANCEL = """
how do i cancel my subscription
i want to cancel
cancel my account please
please cancel my order
i want to end my contract
i am leaving for another provider
how can i unsubscribe
""".strip().split("\n")

ACCOUNT = """
i can't log in
cannot sign in to my account
my account is locked
locked out of my account
forgot my password and the reset mail never comes
i no longer have access to my old email
my account was suspended for no reason
need to change the email on my account
verification code never arrives
""".strip().split("\n")

FRAUD = """
my account was hacked
someone else is using my account
got a phishing mail in your name
is this message really from you or a scam
there is a fake account pretending to be you
somebody bought things with my card
""".strip().split("\n")

CONTACT = """
i want to speak to a human
can i talk to a real person
what is your phone number
how can i reach support
please call me back
need to speak with a manager
who do i contact about this
can someone from support dm me
""".strip().split("\n")

REFUND = """
i want a refund
when do i get my refund
refund still not received
can i get my money back
i want my money back
how do i ask for a refund
""".strip().split("\n")

BY_INTENT = {
    "account": ACCOUNT,
    "billing": BILLING,
    "cancel": CANCEL,
    "complaint": phrases.NEGATIVE,
    "contact": CONTACT,
    "delivery": DELIVERY,
    "fraud": FRAUD,
    "how_to": HOW_TO,
    "other": OTHER + phrases.NEUTRAL,
    "outage": OUTAGE,
    "praise": phrases.POSITIVE,
    "refund": REFUND,
}
