"""What is special about which article or address of the newspaper: the traps of real sites, each once."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

_WINTER = timezone(timedelta(hours=1))

# Addresses that are no article's own
HOME_PATH = "/"
ABOUT_PATH = "/a-propos/"
FEED_PATH = "/feed/"
COMMENTS_FEED_PATH = "/comments/feed/"
SITEMAP_PATH = "/sitemap.xml"
NEWS_SITEMAP_PATH = "/news-sitemap.xml"
ROBOTS_PATH = "/robots.txt"
PRIVATE_PREFIX = "/prive/"  # forbidden by robots.txt
MOVED_PATH = "/2026/orgue-collegiale.html"  # in a sitemap; 301 to the article of `MOVED_TO`
GONE_PATH = "/economie/la-minoterie-ferme-ses-portes/"  # in a sitemap; 404
AMP_SUFFIX = "amp/"  # after the path of the article of `WITH_AMP`

# Broken on purpose, and listed in a sitemap, with `Newspaper(faults=True)` only
FAULT_500_PATH = "/pannes/500/"
FAULT_SLOW_PATH = "/pannes/lent/"
FAULT_CUT_PATH = "/pannes/coupe/"
FAULT_CUT_GZIP_PATH = "/pannes/gzip-coupe/"
FAULT_PATHS = (FAULT_500_PATH, FAULT_SLOW_PATH, FAULT_CUT_PATH, FAULT_CUT_GZIP_PATH)

ODD_SECTION = "politique"  # its sitemap lists what does not belong there

# Slugs of articles
PRIVATE = "petanque-doublette-grand-mere-petit-fils"
MOVED_TO = "orgue-collegiale-retrouve-ses-tuyaux"
WITH_AMP = "second-tour-triangulaire-municipales"
WITH_COOKIES = "tourisme-bilan-ete-2026"
WRONG_CHARSET = "fresque-chapelle-saint-brice-danse-macabre"  # labelled utf-8, is windows-1252
NO_CHARSET = "monnaie-locale-aurinette-dix-ans"  # utf-8, labelled nowhere
OFFSITE_CANONICAL = "castors-retour-haute-aurine"
OFFSITE_URL = "https://ailleurs.example/nature/castors-retour-haute-aurine/"
PAYWALLED = "pedolia-capteurs-sol-levee-de-fonds"  # stub for readers who do not pay
PAYWALLED_AFTER = 2  # blocks that everybody may read
BROKEN_JSON_LD = "brigade-nuit-police-municipale"  # a quotation mark too many
ONLY_OPENGRAPH = frozenset(
    {
        "arbitre-quinze-ans-football-district",
        "cinema-le-palace-cooperative-spectateurs",
        "consultation-passerelle-quai-des-tanneurs",
        "loyers-observatoire-studios-valmont",
        "passe-a-poissons-cazals-aloses",
    }
)
ONLY_TIME_AND_BYLINE = frozenset(
    {
        "aviron-huit-mixte-defi-aurine",
        "conservatoire-cherche-hautboistes",
        "scierie-beaurepaire-cooperative",
    }
)

# Edition 2
CORRECTED_AT = datetime(2026, 11, 2, 10, 5, 33, tzinfo=_WINTER)
NEW_HEADLINE = "trail-des-trois-cretes-parcours-modifie"
NEW_PARAGRAPH = "secheresse-aurine-debit-historique"
NEW_COUNTER = "stationnement-centre-ancien-tribunal"  # nothing but the number of readings beside the article
