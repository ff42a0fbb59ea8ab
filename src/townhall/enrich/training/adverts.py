# ruff: noqa: SIM905 (word lists read better as prose than as quoted strings)
"""Spam of ours: what strangers write under posts, in posts and in direct messages, and honest lines that look like it."""

import random

_COMMENTS = (
    "check out my channel|check out my new video {u}|subscribe to my channel please|sub to me and i sub back|"
    "please like and subscribe|follow me and i follow back|follow for follow|f4f anyone|visit my page {u}|"
    "i make covers please check them out|new music video out now {u} please share|help me reach 1000 subscribers|"
    "thumbs up so everyone can see this|click on my profile for more|link in my bio|hey guys i just uploaded a song|"
    "can we get 100 likes on my comment|share this with your friends {u}|watch my latest video, you won't regret it|"
    "i am giving away phones on my channel|if you like this sort of music come and see mine|vote for me here {u}"
).split("|")
_POSTS = (
    "join our crypto giveaway today {u}|double your bitcoin in 24 hours {u}|i earned $5000 this week from home, ask me how|"
    "work from home and earn ${n} a day {u}|free followers here {u}|get cheap followers and likes {u}|best forex signals, dm me|"
    "lose 10 kilos in a week with this trick {u}|limited offer: {n}% off luxury watches {u}|hot singles near you {u}|"
    "buy cheap meds without prescription {u}|win a free iphone {u}|earn passive income with no risk|"
    "thanks to mrs anna trade i recovered my lost funds, contact her|invest $200 and get $2000 back|"
    "make money online {u} #money #cash|free gift cards, claim yours {u}|casino bonus, {n} free spins {u}|"
    "recover your hacked account, message him, he is a genius|airdrop is live, connect your wallet {u}"
).split("|")
_MESSAGES = (
    "congratulations you have won {n}! claim your prize at {u}|urgent: your account is suspended, verify now {u}|"
    "your parcel is held, pay the fee here {u}|you have been selected for a cash reward, reply yes|"
    "free entry to our weekly draw, text win to {n}|call now to claim your guaranteed prize|"
    "dear customer your card is blocked, update your details {u}|you are a winner, send your bank details|"
    "kindly confirm your password to avoid closure {u}|i am a prince and need your help to move funds|"
    "cheap loans, no credit check, apply {u}|unlock exclusive content {u}|final notice: tax refund of ${n} waiting {u}|"
    "private photos for you {u}|txt stop to end, {n}p per msg|get your free ringtone now|"
    "hello dear, are you interested in a part time job, {n} usd daily, add me on whatsapp|"
    "we noticed unusual login, secure your wallet {u}"
).split("|")
_HONEST = (
    "where can i subscribe to your newsletter|i subscribed last week and got charged twice|is the giveaway real|"
    "did you text me to pay a parcel fee, is that a scam|how do i claim my refund|i won the raffle, when do i get the prize|"
    "your link does not work {u}|i followed the link in your bio and nothing happens|is this your account or a fake|"
    "i can't log in, my account is suspended|please verify my account|my order {u} has not arrived|the free trial was charged|"
    "call me back please|i sent you a dm with my details|great video, thanks|love this song|this song is amazing|"
    "can you check your dm|the cash machine kept my card|how do i update my card details|see my photo {u}|"
    "when does the offer end|is the discount of {n}% still on|i want to work for you, where are your jobs|"
    "i will call you later|ok see you at {n}|are you coming home for dinner|thanks for the follow|check your email please|"
    "i'm at home now, call me|read the article here {u}|new blog post by our team {u}|live now on tv|"
    "the best video ever, listened to it {n} times"
).split("|")
_HOSTS = (
    "http://bit.ly/2{}x", "https://{}-offers.xyz/win", "www.{}-money.biz", "http://youtube.com/watch?v={}",
    "http://tinyurl.com/{}", "https://{}.top/claim", "http://www.{}.com/page", "https://t.co/{}",
)  # fmt: skip
_HONEST_HOSTS = ("https://t.co/{}", "http://www.{}.com/page", "https://shop.{}.com/order", "http://bbc.in/{}")
_NAMES = "abc lucky zq1 easy fast prime daily best fresh top mega xk9 smart happy".split()


def advert(chance: random.Random) -> str:
    """What is written under posts, in posts or in messages to sell or to steal."""
    text = chance.choice(chance.choice((_COMMENTS, _POSTS, _MESSAGES)))
    if chance.random() < 0.15:
        text = text.upper().replace("{U}", "{u}").replace("{N}", "{n}")
    return _filled(text, _HOSTS, chance)


def honest(chance: random.Random) -> str:
    """What only sounds like it."""
    return _filled(chance.choice(_HONEST), _HONEST_HOSTS, chance)


def _filled(text: str, hosts: tuple[str, ...], chance: random.Random) -> str:
    address = chance.choice(hosts).format(chance.choice(_NAMES))
    return text.format(u=address, n=chance.choice(("10", "25", "50", "100", "500", "1000", "80062")))
