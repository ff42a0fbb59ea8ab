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
