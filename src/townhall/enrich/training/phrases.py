"""Short care posts that we wrote, for what the public sets lack: how people praise, blame and report a fault in public.

Made-up, brandless, one idea a line. They are training rows like any other; the report counts them.
"""

NEGATIVE = """
worst customer service ever
still no answer after three days
been on hold for two hours and nobody picks up
nobody answers the phone
you lost my luggage and nobody cares
my bag is still missing
delayed again, third time this month
delayed for four hours without any information
cancelled without notice and no one told us
you cancelled my booking and kept my money
my parcel never arrived
the parcel arrived damaged
wrong item delivered again
charged me twice and no reply
you overcharged me and refuse to refund
rude staff, never again
the staff was so rude and unhelpful
this is ridiculous
this is unacceptable
what a joke
total disaster
so frustrating
so disappointed in you
very disappointed with the service
terrible experience
awful service
horrible company, avoid
never flying with you again
never buying from you again
i am switching to another provider
i want my money back
the app keeps crashing
your website is broken
your site is down again
no internet since this morning
no signal for two days
still not working
it stopped working after the update
the new update ruined everything
fix your app
fix this now
do something about it
you guys suck
useless support bot
useless, just useless
i keep getting disconnected
hung up on me twice
you keep ignoring my messages
why do i pay for this
waste of money
waste of time
a complete rip off
how can you treat customers like this
stuck here because of your mistake
missed my connection because of you
stranded overnight with no help and no hotel
sitting on the tarmac for hours
we have been waiting for hours
an hour late and no explanation
late again
no updates, no communication, nothing
nobody knows anything
your system is a mess
your agents gave me wrong information
third time i report this
same problem again
every single time
fail
epic fail
not happy
not impressed
not good enough
unhappy with my order
poor quality
poor communication
this sucks
i hate your app
shame on you
thanks for nothing
thanks for ruining our trip
great, another delay
great job losing my bag
wow, another price rise
lied to by your staff
you promised a call back and it never came
i have been waiting for a refund for weeks
refund still not received
cannot log in and support does not answer
can't reach anyone
can't check in online, error every time
your hold music is all i hear
broken seat, dirty cabin
food was cold and late
the driver never showed up
order missing half of the items
my account is locked and no one helps
why is it so slow
speeds are terrible tonight
buffering all night
""".strip().split("\n")

POSITIVE = """
thank you so much
thanks for the quick help
thanks, it works now
thank you for the fast reply
great service today
great flight, great crew
awesome crew
amazing customer service
best airline ever
best support team
love your app
i love this
love the new update
you guys rock
you are the best
you made my day
shout out to your agent who fixed it in minutes
kudos to your team
big thanks to the lady at the desk
so happy with my order
very happy customer here
arrived early, well done
on time again, nice job
super fast delivery
works perfectly
problem solved, thanks
excellent experience
excellent service as always
impressed with how fast you answered
really appreciate your help
appreciate it
much appreciated
perfect, thank you
wonderful staff
friendly and helpful staff
so helpful
keep up the good work
glad i chose you
highly recommend
would recommend to anyone
thank you for taking care of us
thanks for getting us home safe
smooth trip
beautiful new store
yay, got my upgrade
can't wait for the trip
looking forward to it
nice touch
you saved my holiday
five stars
well played
""".strip().split("\n")

NEUTRAL = """
do you fly to oslo
what time do you open on sunday
is there a student discount
how do i change my seat
can i bring a stroller on board
what is the baggage allowance
where can i find my invoice
does this plan include roaming
can you check my booking please
please follow me so i can send a direct message
i sent you a direct message
just sent a dm
what is your phone number
who do i contact about a group booking
do you ship to canada
is this in stock
when does the sale end
how long does delivery take
my confirmation number is in the message
flying tomorrow from the west gate
which terminal do i need
any news on the new phone
how do i reset my password
can i use my points for this
i need to change the name on my ticket
is the flight on time
will you add more flights next summer
yes
no
ok will do
done
i am using the latest version
it is a windows laptop
from london to rome on the third of may
we are a family of four
the order was placed on monday
new routes announced for next year
the company opens a new office
see the list of stores here
""".strip().split("\n")

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
    "complaint": NEGATIVE,
    "contact": CONTACT,
    "delivery": DELIVERY,
    "fraud": FRAUD,
    "how_to": HOW_TO,
    "other": OTHER + NEUTRAL,
    "outage": OUTAGE,
    "praise": POSITIVE,
    "refund": REFUND,
}
