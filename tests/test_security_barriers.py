"""Pages that stand in an article's way: none is taken for an article, and no article for one of them.

The pages are ours, built as the makers document theirs: their scripts' addresses, their elements' names, their words.
"""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from archive.extraction import extract
from archive.models import Article, Link, Page, Rejection

URL = "https://gazette.example/2026/03/le-pont-rouvre/"
PROSE = "<p>Le pont de bois a rouvert lundi matin, après onze mois de travaux que la commune a payés seule.</p>" * 3
BRIEF = "<p>Le bac ne passera pas jeudi : la Vire est trop haute, a dit la préfecture mercredi soir à 18 h.</p>" * 2
FEED = (Link(URL, "feed", "https://gazette.example/feed/", title="Le pont rouvre"),)

BLOCKED = {
    "Cloudflare, managed challenge": """<!DOCTYPE html><html lang="en-US"><head><title>Just a moment...</title>
        <meta name="robots" content="noindex,nofollow"></head><body><div class="main-wrapper" role="main"><div
        class="main-content"><noscript><div class="h2"><span id="challenge-error-text">Enable JavaScript and cookies to
        continue</span></div></noscript></div></div><script>(function(){window._cf_chl_opt = {cvId: '3', cZone:
        'gazette.example'};var a = document.createElement('script');a.src =
        '/cdn-cgi/challenge-platform/h/g/orchestrate/chl_page/v1?ray=1';}());</script></body></html>""",
    "Cloudflare, in French": """<html lang="fr"><head><title>Un instant…</title></head><body><h1>gazette.example</h1>
        <p>Vérification de la sécurité de votre connexion avant de continuer.</p><script
        src="/cdn-cgi/challenge-platform/h/b/orchestrate/chl_page/v1?ray=8a"></script></body></html>""",
    "Cloudflare, hard block": """<html lang="en"><head><title>Attention Required! | Cloudflare</title></head><body>
        <div id="cf-wrapper"><div id="cf-error-details"><h1>Sorry, you have been blocked</h1><h2>You are unable to
        access
        gazette.example</h2><p>This website is using a security service to protect itself from online attacks. The
        action you just performed triggered the security solution.</p><p>Ray ID: 8a1</p></div></div></body></html>""",
    "DataDome": """<html lang="fr"><head><title>gazette.example</title></head><body style="margin:0"><p id="cmsg">Please
        enable JS and disable any ad blocker</p><script data-cfasync="false">var dd={'rt':'c','cid':'AHrl','hsh':'05B3',
        't':'bv','s':17434,'host':'geo.captcha-delivery.com'}</script><script data-cfasync="false"
        src="https://ct.captcha-delivery.com/c.js"></script></body></html>""",
    "DataDome, frame": """<html><head><title>gazette.example</title></head><body><iframe title="DataDome CAPTCHA"
        src="https://geo.captcha-delivery.com/captcha/?initialCid=AHrl&amp;hash=05B3"></iframe></body></html>""",
    "HUMAN": """<html lang="en"><head><title>Access to this page has been denied.</title></head><body><section
        class="container"><h1>Please verify you are a human</h1><div id="px-captcha"></div><p>Access to this page has
        been
        denied because we believe you are using automation tools to browse the website.</p><p>Reference ID: #9f</p>
        </section><script>window._pxAppId = 'PXabc';</script></body></html>""",
    "Akamai, edge": """<HTML><HEAD><TITLE>Access Denied</TITLE></HEAD><BODY><H1>Access Denied</H1>You don't have
        permission to access "http&#58;&#47;&#47;gazette&#46;example" on this server.<P>Reference&#32;&#35;18&#46;5c
        </P><P>https&#58;&#47;&#47;errors&#46;edgesuite&#46;net&#47;18&#46;5c</P></BODY></HTML>""",
    "Akamai, crypto challenge": """<html><body><div id="sec-if-cpt-container"><p>Powered and protected by</p></div>
        <script src="/_sec/cp_challenge/sec-4-2.js" async defer></script></body></html>""",
    "Imperva": """<html style="height:100%"><head><META NAME="ROBOTS" CONTENT="NOINDEX, NOFOLLOW"></head><body><iframe
        id="main-iframe" src="/_Incapsula_Resource?CWUDNSAI=27&xinfo=5-1&incident_id=877-1&edet=12">Request
        unsuccessful. Incapsula incident ID: 877-1</iframe></body></html>""",
    "Imperva, interruption": """<html><head><title>Pardon Our Interruption</title></head><body><h1>Pardon Our
        Interruption</h1><p>As you were browsing something about your browser made us think you were a bot.</p>
        <ul><li>You've disabled JavaScript in your web browser.</li></ul></body></html>""",
    "AWS WAF": """<html><head><title></title><script src="https://4a1.eu-west-3.token.awswaf.com/4a1/7f/challenge.js">
        </script></head><body><div id="challenge-container"></div><noscript><h1>JavaScript is disabled</h1></noscript>
        </body></html>""",
    "SiteGround": """<html><head><meta http-equiv="refresh" content="0;/.well-known/sgcaptcha/?r=%2F&y=ipc:1">
        </meta></head></html>""",
    "Anubis": """<html><head><title>Making sure you're not a bot!</title><script id="anubis_version"
        type="application/json">"v1.2"</script></head><body><h1>Making sure you're not a
        bot!</h1><p>Loading...</p><script
        id="anubis_challenge" type="application/json">{}</script></body></html>""",
    "words alone, French": """<html lang="fr"><head><title>Accès refusé - La Gazette</title></head><body><h1>Accès
        refusé</h1><p>Votre adresse IP a été identifiée comme celle d'un robot. Contactez le service client.</p></body>
        </html>""",
    "words alone, German": """<html lang="de"><head><title>Zugriff verweigert</title></head><body><h1>Ihr Zugang</h1>
        <p>Aus Ihrem Netz kamen zu viele automatisierte Abfragen. Bitte wenden Sie sich an den Leserservice.</p></body>
        </html>""",
    "words alone, Spanish": """<html lang="es"><head><title>Acceso denegado</title></head><body><h2>Acceso denegado</h2>
        <p>No tiene permiso para acceder a esta página.</p></body></html>""",
}
CAPTCHA = {
    "reCAPTCHA": """<html><head><title>gazette.example</title><script src="https://www.google.com/recaptcha/api.js">
        </script></head><body><h1>Un dernier contrôle</h1><p>Merci de cocher la case pour prouver que vous n'êtes pas un
        robot.</p><form action="/verifier" method="post"><div class="g-recaptcha" data-sitekey="x"></div></form></body>
        </html>""",
    "hCaptcha, German": """<html lang="de"><head><title>Sicherheitsabfrage</title><script
        src="https://js.hcaptcha.com/1/api.js" async></script></head><body><p>Bitte bestätigen Sie, dass Sie kein
        Roboter
        sind.</p><form><div class="h-captcha" data-sitekey="x"></div></form></body></html>""",
    "Turnstile, Spanish": """<html lang="es"><head><title>Un momento…</title><script
        src="https://challenges.cloudflare.com/turnstile/v0/api.js"></script></head><body><p>Confirme que es un humano
        para seguir leyendo.</p><div class="cf-turnstile" data-sitekey="x"></div></body></html>""",
}
CONSENT = {
    "Didomi, French": """<html lang="fr"><head><title>La Gazette</title><script
        src="https://sdk.privacy-center.org/1/loader.js"></script></head><body><div id="didomi-host"><div
        class="didomi-popup-view"><h2>Le respect de votre vie privée est notre priorité</h2><p>Nous et nos 854
        partenaires
        stockons des informations sur votre appareil, tels que les cookies, et traitons vos données personnelles pour
        mesurer la publicité et le contenu.</p><button>Accepter et fermer</button><button>Continuer sans accepter
        </button></div></div></body></html>""",
    "Sourcepoint, pay or consent, German": """<html lang="de"><head><title>Gazette - Zustimmung</title><script
        src="https://cdn.privacy-mgmt.com/unified/wrapperMessagingWithoutDetection.js"></script></head><body><main>
        <h1>Gazette mit Werbung lesen oder im Abo</h1><p>Wir und unsere bis zu 218 Partner verarbeiten personenbezogene
        Daten, speichern Cookies auf Ihrem Gerät und messen Werbung.</p><p>Ihre Einwilligung können Sie jederzeit
        widerrufen.</p><button>Akzeptieren und weiter</button><a href="/pur">Pur-Abo für 3,99 Euro im Monat</a></main>
        </body></html>""",
    "OneTrust, Spanish": """<html lang="es"><head><title>Gaceta</title><script
        src="https://cdn.cookielaw.org/scripttemplates/otSDKStub.js"></script></head><body><div
        id="onetrust-consent-sdk"><p>Nosotros y nuestros 120 socios almacenamos cookies y datos personales en su
        dispositivo.</p><button>Aceptar y continuar</button><button>Rechazar todo</button></div></body></html>""",
    "Google, English": """<html lang="en"><head><title>Before you continue to Google News</title></head><body><h1>Before
        you continue</h1><p>We use cookies and data to deliver and maintain services.</p><form
        action="https://consent.google.com/save" method="post"><button>Reject all</button><button>Accept all</button>
        </form></body></html>""",
}


def read(html: str, status: int = 200, links: tuple[Link, ...] = FEED, **headers: str) -> Article | Rejection:
    pairs = (("Content-Type", "text/html; charset=utf-8"), *((k.replace("_", "-"), v) for k, v in headers.items()))
    return extract(Page(URL, status, pairs, html.encode(), datetime(2026, 3, 9, tzinfo=UTC), links))


def reason(html: str, status: int = 200, **headers: str) -> str:
    found = read(html, status, FEED, **headers)
    assert isinstance(found, Rejection), found
    assert found.detail
    return found.reason


@pytest.mark.parametrize("status", [200, 202, 403, 429, 503])
@pytest.mark.parametrize("name", BLOCKED)
def test_block_pages_are_known_whatever_their_status(name: str, status: int) -> None:
    assert reason(BLOCKED[name], status) == "blocked"


@pytest.mark.parametrize("status", [200, 403])
@pytest.mark.parametrize("name", CAPTCHA)
def test_captchas_in_an_articles_place_are_known(name: str, status: int) -> None:
    assert reason(CAPTCHA[name], status) == "captcha"


@pytest.mark.parametrize("status", [200, 403])
@pytest.mark.parametrize("name", CONSENT)
def test_consent_walls_are_known(name: str, status: int) -> None:
    assert reason(CONSENT[name], status) == "consent_wall"


def test_a_makers_header_is_enough() -> None:
    assert reason("", 403, CF_Mitigated="challenge") == "blocked"
    assert reason("<html><body></body></html>", 202, X_Amzn_Waf_Action="challenge") == "blocked"
    assert reason(f"<h1>Le pont rouvre</h1>{PROSE}", 405, X_Amzn_Waf_Action="captcha") == "blocked"


@pytest.mark.parametrize("status", [401, 403, 429, 503, 202, 500, 404])
def test_a_servers_own_refusal_keeps_its_status_as_reason(status: int) -> None:
    page = "<html><head><title>Error</title></head><body><center><h1>Forbidden</h1></center><hr>nginx</body></html>"
    assert reason(page, status) == f"http_{status}"
    assert reason(f"<title>Le pont</title><h1>Le pont rouvre</h1>{PROSE}", status) == f"http_{status}"


def article(*, head: str = "", before: str = "", after: str = "", prose: str = PROSE) -> str:
    return (
        f'<!DOCTYPE html><html lang="fr"><head><title>Le pont rouvre | La Gazette</title>{head}</head><body>{before}'
        f"<article><h1>Le pont rouvre</h1>{prose}</article>{after}</body></html>"
    )


BANNER = (
    '<div id="cmplz-cookiebanner" class="cmplz-cookiebanner"><p>Nous et nos 12 partenaires utilisons des cookies pour '
    "mesurer la publicité. Gérer vos données.</p><button>Accepter et continuer</button></div>"
)
EMBEDS = {
    "Didomi's script": {"head": '<script src="https://sdk.privacy-center.org/1/loader.js"></script>'},
    "a banner in the page": {"after": BANNER},
    "a banner and a brief": {"after": BANNER, "prose": BRIEF},
    "OneTrust's banner first": {"before": BANNER.replace("cmplz-cookiebanner", "onetrust-consent-sdk")},
    "comments behind reCAPTCHA": {
        "head": '<script src="https://www.google.com/recaptcha/api.js"></script>',
        "after": '<form id="comments"><p>Prouvez que vous n’êtes pas un robot</p><p class="g-recaptcha"></p></form>',
        "prose": BRIEF * 3,
    },
    "DataDome's script": {"head": '<script src="https://js.datadome.co/tags.js"></script>'},
    "Cloudflare's script": {"after": '<script src="/cdn-cgi/challenge-platform/scripts/jsd/main.js"></script>'},
    "Imperva's script": {"after": '<script src="/_Incapsula_Resource?SWJIYLWA=719d34&ns=2"></script>'},
    "HUMAN's script": {"head": "<script>window._pxAppId = 'PXabc';</script>"},
    "code of a block page quoted": {
        "prose": PROSE + '<pre>&lt;script src="https://ct.captcha-delivery.com/c.js"&gt; id="px-captcha"</pre>'
    },
}


@pytest.mark.parametrize("links", [FEED, ()], ids=["named by a feed", "found on a page"])
@pytest.mark.parametrize("name", EMBEDS)
def test_an_article_that_embeds_such_things_stays_one(name: str, links: tuple[Link, ...]) -> None:
    found = read(article(**EMBEDS[name]), links=links)
    assert isinstance(found, Article), found


@pytest.mark.parametrize(
    "headline",
    [
        "Accès refusé à la plage : les maires s’expliquent",
        "Just a moment of silence for the drowned",
        "Are you a robot?",
    ],
)
def test_an_article_may_be_called_like_that(headline: str) -> None:
    found = read(f"<title>{headline}</title><h1>{headline}</h1>{PROSE * 3}")
    assert isinstance(found, Article), found


def test_an_article_about_cookies_stays_one() -> None:
    prose = (
        "<p>La CNIL a infligé une amende à un éditeur pour ses cookies : nous et nos partenaires, disait-il, stockons"
    )
    prose += (
        " des données. « Accepter et continuer » était plus gros que l’autre bouton, a dit la commission jeudi.</p>"
    )
    head = '<script src="https://sdk.privacy-center.org/1/loader.js"></script>'
    dated = head + '<meta property="article:published_time" content="2026-03-01T08:00:00+01:00">'
    assert isinstance(read(article(head=dated, prose=prose + PROSE)), Article)
    assert isinstance(read(article(head=head, prose=prose + PROSE)), Article)


def test_a_wall_with_nothing_behind_it_is_no_article() -> None:
    json_ld = '<script type="application/ld+json">{"@type": "NewsArticle", "headline": "Le pont rouvre"}</script>'
    wall = "<p>Cet article est réservé aux abonnés.</p><p>Abonnez-vous pour lire la suite de l’article.</p>"
    found = read(article(head=json_ld, prose=wall))
    assert isinstance(found, Rejection)
    assert found.reason == "paywall"
    stub = read(article(head=json_ld, prose=PROSE + wall))
    assert isinstance(stub, Article)
    assert stub.free_access is False


def test_a_part_that_is_blocked_is_no_part() -> None:
    first = '<link rel="next" href="/2026/03/le-pont-rouvre/2/">'
    second = Page(URL + "2/", 200, (("Content-Type", "text/html"),), BLOCKED["HUMAN"].encode(), datetime.now(UTC))
    page = Page(
        URL, 200, (("Content-Type", "text/html"),), article(head=first).encode(), datetime.now(UTC), FEED, (second,)
    )
    found = extract(page)
    assert isinstance(found, Article)
    assert (found.parts, found.missing_part) == (1, URL + "2/")
    assert "denied" not in found.text
