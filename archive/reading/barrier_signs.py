"""What the makers of block pages, CAPTCHAs and consent tools leave in a page, as their documentation has it.

Only what they give to the page in the way: a script that guards every page of a site is no sign. The words are those
of these pages in the languages they come in.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

SEPARATOR = re.compile(r"(?<!\s)\s+[|•·–—-]\s+|[!?:…]\s")
_LOWERED = 200_000  # bytes of a page in which a name must occur; these pages are small, and an article's head has less


class _Maker(NamedTuple):
    name: str
    mark: re.Pattern[str]


def _maker(name: str, mark: str) -> _Maker:
    return _Maker(name, re.compile(mark, re.IGNORECASE))


_MAKERS = (
    _maker(
        "Cloudflare",
        r"\Asrc:[^ ]{0,200}/cdn-cgi/challenge-platform/h/\w+/orchestrate/|\Acode:[^\0]{0,2000}_cf_chl_opt"
        r"|\Aid:(?:challenge-(?:form|running|stage|error-(?:text|title))|cf-(?:error-details|challenge-running"
        r"|please-wait|browser-verification))\Z",
    ),
    _maker("DataDome", r"\Asrc:https?://[\w.-]{0,60}captcha-delivery\.com/|\Acode:[^\0]{0,2000}captcha-delivery\.com"),
    _maker("HUMAN (PerimeterX)", r"\Aid:px-captcha|\Asrc:[^ ]{0,200}/captcha/[^ ]{0,80}captcha\.js\?[^ ]{0,80}a=c"),
    _maker("Akamai", r"\Aid:sec-(?:if-cpt-container|bc-text-container|cpt-if)\Z|\Asrc:[^ ]{0,200}/_sec/cp_challenge/"),
    _maker(
        "Imperva",
        r"\Asrc:[^ ]{0,200}_Incapsula_Resource\?[^ ]{0,200}(?:incident_id|CWUDNSAI)|\Aid:distil_ident_block",
    ),
    _maker("Kasada", r"\Asrc:/?[^ ]{0,120}/ips\.js\?[^ ]{0,200}KP_UIDz?=|\Acode:[^\0]{0,500}KPSDK\.now"),
    _maker("AWS WAF", r"\Asrc:https?://[\w.-]{1,120}\.awswaf\.com/[^ ]{0,200}/(?:challenge|captcha)\.js"),
    _maker("Sucuri", r"\Acode:[^\0]{0,500}sucuri_cloudproxy_js|\Asrc:https?://cdn\.sucuri\.net/sucuri-firewall-block"),
    _maker("DDoS-Guard", r"\Asrc:[^ ]{0,100}/\.well-known/ddos-guard/(?:js-challenge|check)|\Aid:ddg-"),
    _maker("SiteGround", r"\Acontent:0;\s{0,5}/\.well-known/(?:sg)?captcha/"),
    _maker("Anubis", r"\Aid:anubis_(?:challenge|version)\Z|\Asrc:[^ ]{0,100}/\.within\.website/x/cmd/anubis/"),
    _maker("Fastly", r"\Asrc:[^ ]{0,40}/_fs-ch-\w{1,40}/"),
    _maker("Wordfence", r"\Aid:(?:wf(?:waf)?-?block|wordfence-blocked)"),
)  # fmt: skip
# One of these names is in every page that bears a mark: looked for first, as no parser is needed for that.
_MAKERS_NAMES = (
    b"challenge", b"cf-error", b"cf-please", b"cf-browser", b"captcha", b"sec-if", b"sec-bc", b"sec-cpt", b"/_sec/",
    b"incapsula", b"distil", b"kpsdk", b"ips.js", b"awswaf", b"sucuri", b"ddos-guard", b"ddg-", b"anubis", b"_fs-ch-",
    b"wordfence", b"wfblock", b"wf-block", b"wfwaf",
)  # fmt: skip
WIDGET = re.compile(
    r"\Asrc:https?://(?:www\.)?(?:google\.com|recaptcha\.net|gstatic\.com)/recaptcha/"
    r"|\Asrc:https?://(?:[\w-]{1,30}\.)?hcaptcha\.com/|\Asrc:https?://challenges\.cloudflare\.com/turnstile/"
    r"|\Asrc:https?://[\w.-]{1,60}\.(?:arkoselabs|funcaptcha|geetest|friendlycaptcha)\.com?/"
    r"|\A(?:class|id):(?:[^\n]{0,100}\s)?(?:g-recaptcha|h-captcha|cf-turnstile|frc-captcha)(?:\s|\Z)",
    re.IGNORECASE,
)
_WIDGET_NAMES = (b"captcha", b"turnstile", b"arkose", b"geetest")
# A maker's header that only such answers bear: Cloudflare's and Amazon's documentation.
_HEADERS = {
    ("cf-mitigated", "challenge"): "Cloudflare", ("x-amzn-waf-action", "challenge"): "AWS WAF",
            ("x-amzn-waf-action", "captcha"): "AWS WAF"}  # fmt: skip

# What asks for proof that no program reads; beside a CAPTCHA.
PROOF = re.compile(
    r"\b(?:are you|you(?:['’]re| are)|not|no|i['’]?a?m not)\b[^.!?]{0,20}\b(?:a )?(?:human|robots?|bots?)\b"
    r"|\bunusual (?:traffic|activity)\b|\bautomated (?:access|requests?|queries|traffic)\b"
    r"|\b(?:complete|solve|pass)\b[^.!?]{0,20}\b(?:captcha|challenge|security check)\b|\bsecurity (?:check"
    r"|verification)\b"
    r"|\b(?:vous (?:êtes|n['’]êtes)|êtes[- ]vous|je ne suis|n['’]êtes)\b[^.!?]{0,20}\b(?:humaine?s?|robots?)\b"
    r"|\b(?:trafic|activité) (?:inhabituel|suspect|anormal)\w{0,3}\b|\bvérification de sécurité\b"
    r"|\b(?:sie|bist du|ich bin)\b[^.!?]{0,20}\b(?:k?ein (?:mensch|roboter|bot))\b"
    r"|\bungewöhnliche\w{0,2} (?:datenverkehr|aktivität\w{0,2}|zugriffe)\b|\bsicherheits(?:überprüfung|prüfung"
    r"|abfrage)\b"
    r"|\b(?:no soy|no eres|eres|es usted|que es)\b[^.!?]{0,20}\b(?:un )?(?:humano|robot)\b|\btráfico (?:inusual"
    r"|inusitado)\b"
    r"|\bcomprobación de seguridad\b|\bnon (?:sono|sei) un robot\b|\btraffico (?:insolito|anomalo)\b"
    r"|\bnão (?:sou|é) um robô\b|\btráfego incomum\b|\b(?:ik ben|je bent|u bent) geen robot\b|\bjag är inte en robot\b"
    r"|\bnie jestem robotem\b|\bя не робот\b|\bробот(?:ом)? ли\b|私はロボットではありません|我不是机器人",
    re.IGNORECASE,
)
# What such pages call themselves; the words must be most of the title or of a headline.
REFUSAL = re.compile(
    r"\bjust a moment\b(?:\.{3}|…)?|\battention required\b|\bpardon (?:our|the) interruption\b|\bone more step\b"
    r"|\b(?:your )?access (?:to (?:this|the) (?:page|site|website|resource) )?(?:has been |is |was )?"
    r"(?:temporarily )?(?:denied|blocked|restricted|limited)\b"
    r"|\b(?:sorry, )?you (?:have been|are|were) (?:temporarily )?blocked\b|\b(?:your )?request (?:has been |was )?"
    r"(?:blocked|rejected|unsuccessful)\b|\bare you a (?:human|robot)\b"
    r"|\bverify(?:ing)? (?:that )?you are (?:a )?human\b"
    r"|\bchecking your browser\b(?: before accessing)?|\bmaking sure you(?:['’]re| are) not a bot\b"
    r"|\bclient challenge\b"
    r"|\bsecurity check(?:point)?\b|\bvercel security checkpoint\b|\bbot (?:protection|detection|verification)\b"
    r"|\baccès (?:à (?:cette page|ce site) )?(?:vous )?(?:a été |est )?(?:temporairement )?(?:refusé|bloqué"
    r"|interdit|restreint)"
    r"|\bvous avez été bloquée?\b|\bun instant(?:\.{3}|…)|\bêtes[- ]vous un (?:humain|robot)\b"
    r"|\bvérification (?:de sécurité|de votre navigateur)\b"
    r"|\b(?:der )?(?:zugriff|zugang)(?: auf diese (?:seite|website))? (?:wurde |ist )?(?:verweigert|gesperrt"
    r"|blockiert)\b"
    r"|\bsie wurden (?:blockiert|gesperrt)\b|\bnur einen moment\b(?:\.{3}|…)?|\bsind sie ein (?:mensch|roboter)\b"
    r"|\bsicherheitsüberprüfung\b|\bacceso (?:a (?:esta página|este sitio) )?(?:ha sido )?(?:denegado|bloqueado"
    r"|restringido)\b"
    r"|\b(?:usted )?ha sido bloqueado\b|\bun momento(?:\.{3}|…)|\baccesso (?:negato|bloccato|limitato)\b"
    r"|\bacesso (?:negado|bloqueado)\b|\btoegang (?:geweigerd|geblokkeerd)\b|\båtkomst nekad\b|\bodmowa dostępu\b"
    r"|\bдоступ (?:запрещ[её]н|ограничен|заблокирован)\b|アクセスが拒否されました|访问(?:被拒绝|受限)",
    re.IGNORECASE,
)

# Parts of consent tools (their scripts' addresses and elements' names) and what each is called.
_CONSENT_TOOLS = {
    b"privacy-center.org": "Didomi", b"didomi": "Didomi", b"cookielaw.org": "OneTrust", b"onetrust": "OneTrust",
    b"privacy-mgmt.com": "Sourcepoint", b"sp_message": "Sourcepoint", b"sourcepoint": "Sourcepoint",
    b"trustarc": "TrustArc", b"usercentrics": "Usercentrics", b"cookiebot": "Cookiebot", b"axept.io": "Axeptio",
    b"axeptio": "Axeptio", b"quantcast": "Quantcast", b"qc-cmp": "Quantcast", b"inmobi.com/cmp": "InMobi",
    b"consentmanager.net": "consentmanager", b"cmpbox": "consentmanager", b"contentpass": "contentpass",
    b"iubenda": "iubenda", b"sfbx": "AppConsent", b"appconsent": "AppConsent", b"tarteaucitron": "tarteaucitron",
    b"cmplz": "Complianz", b"borlabs": "Borlabs", b"__tcfapi": "a tool of the TCF", b"consent.google.": "Google",
    b"consent.youtube.": "Google", b"consent-form": "Yahoo", b"collectconsent": "Yahoo",
}  # fmt: skip
CONSENT_HOST = re.compile(r"consent\.|(?:guce|privacy|cmp|consentement)\.", re.IGNORECASE)
CONSENT_NAME = re.compile(
    r"(?:^|[\s_-])(?:cookies?|consent\w{0,6}|cmp\w{0,6}|gdpr|rgpd|dsgvo|tcf|didomi|onetrust|ot-sdk|sp_message\w{0,20}"
    r"|usercentrics|cybotcookiebot\w{0,20}|axeptio\w{0,10}|qc-cmp2|truste|iubenda|cmplz|privacy)(?:[\s_-]|$)",
    re.IGNORECASE,
)
CONSENT_WORDS = re.compile(
    r"cookie|consent|consent(?:ir|ement)|zustimm|einwillig|ablehn|akzeptier|accept|\bagree|refus|rechaz|acept|rifiut"
    r"|accett|toestemm|partner|partenaire|socios|datenschutz|privacy|confidentialité|privacidad|personenbezogen"
    r"|données|datos|personal data|personnalis|personali[sz]|tracking|werbe|publicit|advertis|geräte|appareil"
    r"|dispositiv|device|vendors?\b|legitimate interest|intérêt légitime|\bpur\b|abo\b|abonn|subscri",
    re.IGNORECASE,
)
ASKS_CONSENT = re.compile(
    # English
    r"\bwe (?:and|along with) our (?:[\d,.]{1,6} )?(?:\w{1,20} )?(?:partners|vendors)\b|\bbefore you continue to\b"
    r"|\bwe (?:value|care about|respect) your privacy\b|\b(?:accept|agree"
    r"|consent)\b[^.!?]{0,40}\bto (?:continue|proceed)\b"
    r"|\bcontinue with (?:ads|advertising|cookies)\b|\bwe(?:, \w{1,20},)? use cookies (?:and|to)\b"
    # French
    r"|\b(?:nous et nos|avec nos|nos) (?:[\d\s]{1,6})?partenaires\b[^.!?]{0,80}\b(?:cookies|traceurs|stock"
    r"|données|accéd)"
    r"|\b(?:le respect de votre|nous respectons votre) vie privée\b|\bavant d['’]accéder à\b"
    r"|\b(?:accepter|acceptez)\b[^.!?]{0,30}\b(?:et continuer|pour (?:continuer|accéder))\b|\bcontinuer sans accepter\b"
    # German
    r"|\bwir und unsere (?:bis zu )?(?:[\d.]{1,6} )?partner\b|\bmit werbung (?:weiterlesen|lesen|weiter)\b"
    r"|\b(?:ihre|deine) (?:zustimmung|einwilligung)\b[^.!?]{0,60}\b(?:jederzeit|benötig|erforderlich|widerruf)"
    r"|\b(?:akzeptieren|zustimmen) und (?:weiter|weiterlesen)\b|\bbevor sie zu\b[^.!?]{0,30}\bweitergehen\b"
    # Spanish, Catalan, Italian, Portuguese, Dutch
    r"|\bnosotros y nuestros (?:[\d.]{1,6} )?(?:socios|proveedores)\b|\baceptar y (?:continuar|seguir|navegar)\b"
    r"|\bantes de (?:ir|continuar) a\b|\bnoi e (?:i nostri )?(?:[\d.]{1,6} )?(?:partner|fornitori)\b"
    r"|\baccetta e continua\b|\bprima di continuare\b|\bnós e os nossos (?:[\d.]{1,6} )?parceiros\b"
    r"|\bwij en onze (?:[\d.]{1,6} )?partners\b|\baccepteren en (?:doorgaan|sluiten)\b|\bvoordat je verdergaat\b"
    # Danish, Norwegian, Swedish, Polish
    r"|\bvi og vores (?:[\d.]{1,6} )?partnere\b|\bvi och våra (?:[\d\s]{1,6} )?partner\b"
    r"|\bmy i nasi (?:[\d\s]{1,6} )?partnerzy\b|\bprzejdź do serwisu\b",
    re.IGNORECASE,
)


def in_headers(headers: Iterable[tuple[str, str]]) -> str | None:
    """The maker whose header says that the answer is no page of the site's."""
    return next(
        (_HEADERS[found] for name, value in headers if (found := (name.lower(), value.lower())) in _HEADERS), None
    )


def maker_of(mark: str) -> str | None:
    """The maker of block pages one of whose marks this is."""
    return next((maker.name for maker in _MAKERS if maker.mark.search(mark)), None)


def names_maker(body: bytes) -> bool:
    """Whether a page may bear a mark of a maker of block pages: no parsing, for most do not."""
    return _names(body, _MAKERS_NAMES)


def names_widget(body: bytes) -> bool:
    """Whether a page may show a CAPTCHA."""
    return _names(body, _WIDGET_NAMES)


def names_consent_tool(body: bytes) -> str | None:
    """The tool for consent that a page is served with."""
    lowered = body[:_LOWERED].lower()
    return next((name for part, name in _CONSENT_TOOLS.items() if part in lowered), None)


def _names(body: bytes, parts: Iterable[bytes]) -> bool:
    lowered = body[:_LOWERED].lower()
    return any(part in lowered for part in parts)
