"""The help pages of the made-up telephone company. All of it was written for this demo."""

import msgspec

SITE = "https://help.fernhill.example"

ARTICLES: tuple[tuple[str, str, str], ...] = (
    (
        "No signal, or emergency calls only", "/signal",
        "When your phone shows no signal or says emergency calls only, a mast near you may be down. Switch flight mode on and off"
        " once. Still no signal? The outage map names each fault, street by street, and when it will be fixed: most of them the same"
        " evening. If an outage lasts longer than a day, we take the days without signal off what you pay. Calls and data work"
        " meanwhile over Wi-Fi calling. Card readers in shops lose our network too; most of them can be set to Wi-Fi.",
    ),
    (
        "Calls over Wi-Fi when the network is down", "/wifi-calling",
        "Wi-Fi calling lets you make and take calls over any wireless network while there is no signal. Switch it on under Settings,"
        " Calls, Wi-Fi calling. Calls cost what they cost in your plan. Emergency calls work as well; tell them where you are.",
    ),
    (
        "Why a bill is higher than the month before", "/bill",
        "A bill is higher when something was booked beside the plan: a data pass, calls to service numbers, use abroad, or a month"
        " that was only counted in part. Each charge stands on the second page of the bill with its day. A promised price that has"
        " ended is named there too. If a charge is not yours, tell us within eight weeks and we look at it with you.",
    ),
    (
        "Charged twice, or a payment that is on hold", "/charged-twice",
        "A second charge of the same sum is mostly a hold by your bank: it falls away within three days and nothing is taken. If it"
        " still stands after three days, send us the order number and the day. Money that was taken twice is paid back to the same"
        " account within five working days.",
    ),
    (
        "The day of your direct debit", "/direct-debit",
        "Your direct debit is taken on the day that you chose, or on the working day after it. To change the day, open Payments in"
        " the app at least five days before. If a debit went out early and your account is overdrawn, write to us the same day: we"
        " give it back and take it on the right one.",
    ),
    (
        "Using your plan abroad: roaming", "/roaming",
        "Meadow, Brook and Grove include calls and 12 GB of data in 42 countries. Nothing has to be booked. Before you travel switch"
        " data roaming on under Settings, Network. If your phone finds a network but has no data after landing, choose the network"
        " by hand and restart the phone once. You get a message at 80 and at 100 % of the data; no data is used after that unless you"
        " book a pass.",
    ),
    (
        "What the lights on the Fern 3 router mean", "/router-lights",
        "Green: the line is up. Orange and blinking: the router looks for the line; check that the grey cable is firm at both ends."
        " Red: the line is down; a fault may be known near you. White and slow: the router installs an update, which takes ten"
        " minutes. Do not unplug it then.",
    ),
    (
        "Slow broadband, or a line that drops", "/slow-broadband",
        "Test the speed with a cable at the router, not over Wi-Fi. If it is far below what was sold, restart the router once and"
        " test again an hour later. Wi-Fi that drops in the evening is often a crowded channel: choose another under fern.local,"
        " Wireless. If the line itself drops, we see it from here and send an engineer.",
    ),
    (
        "Change the name and password of your Wi-Fi", "/wifi-name",
        "Open fern.local in a browser at home. The password is on the sticker below the router. Under Wireless you change the name and"
        " the password of the Wi-Fi. All devices have to be connected again afterwards.",
    ),
    (
        "An order that says delivered but is not there", "/delivery",
        "Couriers leave parcels with a neighbour or in a safe place and put a card into the letterbox. Follow the order number on the"
        " tracking page: it says where the parcel was left. If it is nowhere to be found, tell us after one working day and we ask"
        " the courier. The address of an order can be changed until it leaves the warehouse.",
    ),
    (
        "A phone that arrived broken", "/arrived-broken",
        "Take a picture of the phone and of the parcel and send both to us within 14 days with the order number. We send another phone"
        " the next working day, and the courier takes the broken one back. You pay nothing.",
    ),
    (
        "Bring your number to us, and how long it takes", "/number-transfer",
        "Ask your old provider for the transfer code and enter it under My number. A number transfer takes one working day once the"
        " code is in. Until then the new SIM card has a number for the time between. If your number is lost or others are called by"
        " it, write to us at once.",
    ),
    (
        "When the app logs you out or shows a white page", "/app",
        "Update the app to version 5.2.1 or newer: it mends log-outs and white pages. If it does not help, delete the app, install it"
        " again and log in with your number. Your usage also comes by message: text USAGE to 4300.",
    ),
    (
        "Cancel a contract", "/cancel",
        "Notice takes one message: write CANCEL to us in private with your customer number, or use the button under My contract. We"
        " confirm within a day and name the last day of the contract. The number can be taken along.",
    ),
    (
        "Plans for families, and an eSIM", "/plans",
        "Grove holds up to five lines on one bill, each 12 a month less. Every plan comes as an eSIM if you choose it when you order:"
        " it is there in a minute and takes a second line beside your card.",
    ),
)  # fmt: skip
"""Title, path, and what it says."""


def as_file() -> bytes:
    """The pages as a file of articles, one JSON object a line."""
    lines = (
        {"title": title, "url": SITE + path, "text": text, "language": "en"} for title, path, text in ARTICLES
    )
    return b"\n".join(msgspec.json.encode(line) for line in lines)
