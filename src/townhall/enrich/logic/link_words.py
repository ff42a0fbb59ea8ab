# ruff: noqa: SIM905 (word lists read better as prose than as quoted strings)
"""What addresses are judged by: shorteners, endings that cost nothing, words that ask for credentials, famous names."""

ENDINGS = (
    "com|net|org|info|biz|co|io|me|tv|us|uk|de|fr|es|it|pt|br|nl|be|ch|at|pl|ru|cn|in|ca|au|jp|eu|app|shop|store|online|site|xyz|top|club|"
    "live|win|vip|icu|click|link|work|buzz|tk|ml|ga|cf|gq|cc|ws|ly|page|dev|support|help|space|website|fun|tech|pro"
)
CHEAP_ENDINGS = frozenset(
    "xyz top tk ml ga cf gq icu buzz click work vip win live club online site website space fun shop rest cyou cfd sbs "
    "bond monster quest lol surf beauty hair mom loan men date review party stream download racing bid trade pw".split()
)
SHORTENERS = frozenset(
    "bit.ly tinyurl.com goo.gl ow.ly is.gd buff.ly rb.gy cutt.ly shorturl.at t.ly tiny.cc bl.ink rebrand.ly s.id v.gd "
    "adf.ly shorte.st bc.vc soo.gd clck.ru u.to qr.ae x.co urlz.fr kutt.it lnk.to linktr.ee dlvr.it trib.al".split()
)
CARRIERS = frozenset(
    "t.co lnkd.in youtu.be fb.me instagr.am pin.it wa.me redd.it amzn.to twitter.com x.com youtube.com".split()
)
"""Networks' own short links: common, and no sign of anything."""
FREE_HOSTS = frozenset(
    "000webhostapp.com weebly.com wixsite.com blogspot.com github.io netlify.app vercel.app web.app firebaseapp.com "
    "herokuapp.com glitch.me pages.dev workers.dev r2.dev repl.co surge.sh tripod.com angelfire.com ucoz.com yolasite.com "
    "webnode.com jimdo.com godaddysites.com square.site webflow.io framer.app duckdns.org ddns.net no-ip.org hopto.org "
    "myftp.org sytes.net azurewebsites.net windows.net cloudfront.net ngrok.io typeform.com gitbook.io".split()
)
CREDENTIALS = frozenset(
    "login logon signin sign log secure security verify verification verified validate account accounts update updates confirm "
    "confirmation password passwd webscr banking bank wallet wallets auth authenticate unlock unlocked suspend suspended limited "
    "billing invoice payment payments recover recovery refund claim reward rewards prize bonus gift giveaway airdrop support "
    "customer helpdesk service services id identity alert unusual activity kyc seed connect dapp webmail owa signon cgi".split()
)
FAMOUS = (
    "paypal apple icloud itunes amazon microsoft office365 outlook google gmail facebook instagram whatsapp netflix dropbox docusign "
    "linkedin twitter ebay steam coinbase binance metamask blockchain chase wellsfargo bankofamerica citibank hsbc barclays "
    "santander lloyds natwest dhl fedex usps royalmail adobe yahoo hotmail tesco walmart att verizon vodafone orange roblox telegram"
).split()  # fmt: skip
PLANTED = (
    "wp-content",
    "wp-includes",
    "wp-admin",
    "/.well-known/",
    "/~",
    "cgi-bin",
    "/images/",
    "/components/com_",
    "/modules/mod_",
)
