"""More short care posts that we wrote: what people say in the middle of a talk, on the way, at the desk and in the shop.

Made-up, brandless, one idea a line, like those of ``phrases``.
"""

NEGATIVE = """
we are still waiting at the gate and nobody tells us anything
my sister was supposed to leave this morning and is still there
we sat on the plane for an hour before it left
rebooked twice and both times it was cancelled
i have called five times and cannot get through
the line has been busy all day
your phone system hangs up on me
please give me a number where a person picks up
how do i file a formal complaint
who do i complain to
i have filed a claim and heard nothing since
two months and no word about my claim
your agents tell me different things every time
no one at the desk when we came
the seats are smaller and the fees are higher
another fee for something that used to be free
no need to stay a loyal customer any more
why would i ever book with you again
you lost a loyal customer today
twenty minutes on hold and counting
are you kidding me
is anyone even working there
do you have anything that works
what is the point of having status with you
my suitcase came back with a broken wheel
my things were soaked when i got them
our bags did not make it and we have no clothes
no heat, no water, no information
first you said an hour, now it is four
missed a funeral because of your delay
i will miss my meeting because of this
they gave my seat away
split up my family on a booking made months ago
you charged my card but there is no booking
the confirmation never came and the money is gone
never received the refund you promised
your site will not let me pay
the page times out every time i try to book
the app logs me out all the time
the technician did not come, again
second appointment missed this week
my line has been dead since the storm
paying for speed i never get
the replacement is broken too
returned it a month ago and still no money
store was a mess and nobody cared
the manager was rude to my mother
that is not an answer
you did not even read my message
a copy and paste reply does not help
stop sending me ads and fix my service
so much for your guarantee
i expected better from you
i was told it would be here yesterday
this is why people leave
zero stars if i could
""".strip().split("\n")

POSITIVE = """
thanks for getting back to me so fast
thank you for sorting that out
thanks, got it
thanks, found it
thank you, will do
that fixed it, thanks
just got my bag back, thank you
the lady at the counter was wonderful
the crew on my flight today was fantastic
your agent went above and beyond
best flight i have had in years
so comfortable, loved it
finally home, thanks for a great trip
you have a customer for life
i only fly with you
love flying with you
always a pleasure
made it on time, thanks to your team
the pilot was funny and kind
my kids loved it
got upgraded, what a nice surprise
so excited for my trip
can't wait to try it
you guys are awesome
great news
good to know, thanks
that was quick
nice to talk to a real person who cares
shoutout to the team in the shop
you never let me down
happy with the new plan
the new menu is delicious
""".strip().split("\n")

NEUTRAL = """
is the flight still on schedule
any word on when it leaves
what is the status of my flight
can you tell me which gate
is there wifi on board
do i need to print my boarding pass
how many bags can i check
can i bring a guitar on board
what size can a carry on be
can i change my flight to an earlier one
are there seats left on the later one
how do i add my member number to a booking
how do i combine two accounts
how many points do i need for that
when do my points expire
do you have a number for group bookings
what is the difference between the two plans
does the price include tax
can i pick it up in the store
will it be back in stock
will you open a store in my town
can you follow me back so i can message you
followed
done, check your messages
sent, thank you
i just sent you the details
here is the number you asked for
it is for me, not for somebody else
my last name is on the booking
i am already rebooked for tomorrow
we booked through an agency
no, only the reference number
not yet, i will try tomorrow
i did, and it says the same
the link goes to another page
here is the link
flying out of the north terminal on friday
thinking about a trip in march
looking at flights for our anniversary
read this about your new program
your stock is up today
the company changes its bonus program
opening of the new lounge is next week
win two tickets in our competition
they are hiring in my town
saw your ad on the bus
who sings the song in your ad
is this your official account
could you hold the flight, my husband is in the security line
please let me know if anything opens up
are the airports closed because of the snow
will the weather delay us
""".strip().split("\n")
