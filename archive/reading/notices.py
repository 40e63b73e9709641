"""Sentences a newsroom prints with every article: invitations, credits, copyright, contacts, consent to embeds.

`BELOW` are believed only in the last lines of a text, `WITHIN` anywhere, for no article says so itself.
"""

from __future__ import annotations

import re

from archive.reading.bylinewords import AGENCY

_NEWS = (
    r"(?:newsletters?|inbox|infolettres?|bolet[ií]n(?:es)?|nieuwsbrief|nyhetsbrev|nyhedsbrev|uutiskirje\w*"
    r"|(?:news |e-?mail )?(?:alerts?|alertes?|alertas?|alarme)\b|push-\w+|whatsapp|telegram|google news|messenger"
    r"|e-?paper|bülten\w*|рассылк\w+|розсилк\w+"
    r"|newsletter\w*|hírlevél\w*|メールマガジン|メルマガ|뉴스레터|نشرتنا|النشرة)"
)
_INVITING = (
    r"(?:sign(?:ing)? up|signup|subscribe|subscribing|get (?:the|our|more|all|your)|receive|register|follow|join"
    r"|download"
    r"|click here|don['’]t miss|abonnez[- ]vous|inscrivez[- ]vous|recevez|suivez|rejoignez|téléchargez|cliquez"
    r"|abonnieren|abonnier[et]|melden sie sich|melde dich|jetzt anmelden|erhalten sie|folgen sie|folge uns"
    r"|hier klicken"
    r"|suscr[ií]b\w+|recib[ea]|síg[au]e\w*|s[ií]guenos|únete|descarg[au]\w*|iscriviti|iscrivetevi|segui(?:ci|teci)"
    r"|ricevi|assine|inscreva-se|receba|siga|baixe|clique|meld je aan|schrijf je in|ontvang|volg|prenumerera|följ oss"
    r"|abonner|meld deg på|tilmeld dig|følg|tilaa|seuraa|zapisz się|dołącz|obserwuj|odebírejte|přihlaste se|sledujte"
    r"|iratkoz\w+|kövess\w*|abonează-te|abonați-vă|urmărește\w*|urmăriți|abone ol\w*|takip ed\w+|подпи\w+|читайте нас"
    r"|підпи\w+|приєдну\w+|εγγραφ\w+|ακολουθ\w+|اشترك|تابع\w*|הירשמו|הצטרפו|登録|구독|ikuti|đăng ký)"
)
_MEDIA = r"(?:twitter|facebook|instagram|linkedin|youtube|tiktok|threads|bluesky|mastodon|x\.com|app store|google play)"
_RIGHTS = (
    r"(?:[©ⓒ]|\(c\)|copyright\b|all rights reserved|alle rechte vorbehalten|tous droits réservés|todos los derechos"
    r"|riproduzione riservata|todos os direitos|alle rechten voorbehouden|wszelkie prawa zastrzeżone|tüm hakları"
    r"|все права защищены|всі права захищені|無断転載|版权所有|版權所有|무단\s?전재|저작권자|hak cipta"
    r"|جميع الحقوق محفوظة"
    r"|με επιφύλαξη|toate drepturile rezervate|všechna práva|minden jog)"
)
_CREDIT = (
    r"(?:(?:with )?additional reporting|(?:editing|reporting|writing|compiled) by|sources?\s?[:：]|with (?:files"
    r"|agencies)"
    r"|with (?:inputs|input|reporting|material) from|quellen?\s?:|mit (?:material|agentur\w*|informationen)\b.{0,40}$"
    r"|mit\s(?:dpa|afp|reuters|ap|apa|sda|kna|epd|sid)\b|verwendete quellen|avec\s(?:l['’])?(?:afp|reuters|ap|belga"
    r"|ats)\b"
    r"|avec (?:les )?agences|source\s?:|con (?:información|datos) de|fuentes?\s?:|con\s(?:efe|afp)\b|fontes?\s?:"
    r"|com (?:informações|agências)|fonte\s?:|bron(?:nen)?\s?:|källa\s?:|kilder?\s?:|lähde\s?:|źródło\s?:|zdroj\s?:"
    r"|forrás\s?:|sursa\s?:|kaynak\s?:|источник\s?:|джерело\s?:|πηγή\s?:|المصدر\s?:|(?:责任)?编辑[:：]|责编[:：]"
    r"|來源[:：]|来源[:：])"
)
_CONTACT = (
    r"(?:have a (?:tip|story|question)|got a (?:tip|story)|do you have (?:a|any) (?:tip|story|information|question)s?"
    r"|(?:write|reach out) to [\w .’'-]{2,40} at\b|contact (?:the author|us|[\w .’'-]{2,30} at)|get in touch|email us"
    r"|spotted (?:a|an) (?:mistake|error)|(?:found|notice[d]?|see) (?:a|an) (?:typo|error|mistake)|report (?:a"
    r"|an) (?:typo|error)"
    r"|fehler (?:gefunden|entdeckt|melden)|(?:haben sie|hast du) (?:einen )?(?:fehler|hinweis)|signaler une erreur"
    r"|une (?:erreur|faute|coquille)\b.{0,40}\?|vous avez (?:repéré|trouvé)|¿?(?:has encontrado|encontraste) un error"
    r"|hai (?:trovato|notato) un errore|encontrou (?:um|algum) erro|fout gezien|tips? (?:oss|redaksjonen|os)\b"
    r"|нашли (?:ошибку|опечатку)|знайшли помилку|si(?:lti)? virhe)"
)
_COMMENTING = (
    r"(?:would you like to comment|(?:read|see|review) our comment|comments? (?:are|is|have been) (?:closed"
    r"|moderated|disabled)"
    r"|(?:sign|log) in to (?:comment|reply)|(?:moderat|approv)\w+ (?:all )?comments|join the (?:conversation"
    r"|discussion)"
    r"|(?:for|view) more (?:stories|news) (?:like|on|from)|to read more|what do you think\?"
    r"|let us know in the comments"
    r"|connectez-vous pour (?:commenter|réagir)|les commentaires sont fermés|diskutieren sie mit|kommentare (?:sind"
    r"|geschlossen)"
    r"|los comentarios|inicia sesión para comentar|i commenti sono|os comentários)"
)
_DONATING = (
    r"(?:(?:make|consider(?: making)?) a (?:donation|contribution)|(?:please|to) donate|donate (?:today|now|here)"
    r"|(?:support|supporting) (?:us|our (?:work|journalism)|independent journalism|quality journalism)"
    r"|become a (?:member|patron)"
    r"|(?:faites|faire) un don|soutenez[- ]nous|soutenir (?:notre|un) (?:travail|journalisme)"
    r"|unterstützen sie (?:uns|unsere)"
    r"|jetzt spenden|haz(?:te)? (?:socio|una donación)|apóyanos|sostienici|apoie(?:-nos)?|steun ons|wesprzyj nas"
    r"|поддержите (?:нас|редакцию)|підтримайте нас|подкреп\w+ нас)"
)
_STAMP = (
    r"(?:(?:this (?:article|story) was )?(?:first |originally |last )?(?:published|updated|posted|modified)"
    r"|publié|mis à jour|veröffentlicht|aktualisiert|publicado|actualizado|pubblicato|aggiornato|atualizado"
    r"|gepubliceerd"
    r"|publicerad|uppdaterad|publisert|oppdatert|opublikowano|zaktualizowano|опубликовано"
    r"|обновлено)\b.{0,60}\d.{0,40}$"
)
_SHORT, _MIDDLE, _LONG, _COMPANY_TEXT = 100, 220, 420, 1500  # characters of a notice

_AT_START = re.compile(
    rf"^[^\w(]{{0,6}}(?:please\s)?(?:{_RIGHTS}|{_CREDIT}|{_CONTACT}|{_COMMENTING}|{_DONATING}|{_STAMP}"
    rf"|e-?mails?\s?:)",
    re.IGNORECASE,
)
_SAID = re.compile(
    rf"(?:{_RIGHTS}|\bcontributed to this (?:report|story|article)\b|\b(?:to"
    rf"|for) our (?:free )?(?:\w+ ){{0,3}}newsletter)",
    re.IGNORECASE,
)
# An imperative stands at the beginning of a sentence; "she asked them to follow her on Twitter" is told, not asked.
_INVITATION = re.compile(rf"(?:^|[.!?…:;]\s|\bplease\s|\bby\s|\band\s|→|👉)\W{{0,4}}{_INVITING}", re.IGNORECASE)
_CHANNEL = re.compile(rf"{_NEWS}|\b{_MEDIA}\b", re.IGNORECASE)
_ADDRESS = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,4}")
_SIGNED = re.compile(r"^[(\[（][^\W\d_](?:[^()\[\]\n]{0,24})[)\]）]$|^[/–—-]\s?\w{2,8}[/–—-]?$")
_AGENCIES = re.compile(
    rf"^\W*(?:[^\W\d][^.!?\n]{{0,40}}\s)?(?:mit|avec|con|com|with|med|met"
    rf"|z)?\s(?:{AGENCY.pattern})\W*$",
    re.IGNORECASE,
)
# A company's words on itself below a press release: "About Tarnwick: Tarnwick is a leading provider of".
_COMPANY = re.compile(
    r"^(?:about|à propos d[eu]s?|über|(?:acerca|sobre) (?:de )?|informazioni su|over|om|o)\s(?:(?:the|la|le|die"
    r"|el)\s)?"
    r"(\w{3,30})\b.{0,60}\b\1\b|^(?:media|press|investor) (?:contact|relations|enquiries|inquiries)s?\b"
    r"|^(?:contacts? presse|pressekontakt|contacto de prensa|contatti stampa|rückfragen(?: bitte)? an)\b"
    r"|\bforward-looking statements?\b",
    re.IGNORECASE,
)
_NO_SPAM = re.compile(
    r"\bunsubscribe (?:at )?any ?time\b|\bno spam\b|désabonn\w+ à tout moment|jederzeit (?:abbestell|kündbar)",
    re.IGNORECASE,
)

WITHIN = re.compile(
    r"^[\W_]{0,4}(?:"
    r"empfohlener (?:redaktioneller|externer) inhalt|an dieser stelle (?:finde|befinde)\w* .{0,200}|externer inhalt"
    r"|ich bin damit einverstanden, dass .{0,200}|personenbezogene daten (?:können|werden) .{0,200}"
    r"|[\w-]{2,20}-?inhalte? (?:erlauben|anzeigen|zulassen)|(?:inhalt|embed|video|beitrag) (?:laden|anzeigen"
    r"|entsperren)"
    r"|link zum [\w-]{2,30}inhalt|bitte (?:aktivieren|akzeptieren) sie .{0,120}(?:javascript|cookies).{0,100}"
    r"|wir benötigen (?:ihre|deine) (?:zustimmung|einwilligung).{0,200}"
    r"|we apologi[sz]e,? but this video .{0,60}|try refreshing your browser.{0,100}"
    r"|your browser does not support .{0,80}"
    r"|(?:please )?(?:enable|turn on|activate) javascript.{0,120}|javascript (?:is|must be) .{0,100}"
    r"|this (?:content|embed|video|browser) is (?:not|no longer) (?:available|supported).{0,120}"
    r"|(?:to view|to see|to watch) this (?:content|video|embed|post).{0,200}(?:cookies|consent|preferences).{0,100}"
    r"|(?:allow|accept) (?:\w{2,20} )?(?:content|cookies)\??|(?:this"
    r"|the) article contains content provided by .{0,300}"
    r"|ce contenu (?:est bloqué|n['’]est pas disponible|externe).{0,200}|(?:pour|afin de) (?:afficher|voir"
    r"|visualiser) ce contenu.{0,200}"
    r"|(?:accepter|autoriser) (?:les cookies|tous les cookies|et continuer)|votre navigateur .{0,120}"
    r"|este (?:contenido|vídeo|video) no (?:está disponible|se puede).{0,120}|per (?:vedere|visualizzare) (?:questo"
    r"|il) contenuto.{0,200}"
    r"|(?:passer|fermer) la publicité|after (?:the )?(?:ad|advertisement)|(?:after|below) the (?:jump|fold)"
    r"|(?:if you (?:buy|click|purchase)|when you (?:buy|click|purchase)|we may (?:earn|receive"
    r"|get)).{0,80}(?:commission|affiliate|compensation).{0,150}"
    r"|(?:this (?:post|article|page|story)) (?:may )?contains? (?:affiliate|references).{0,200}"
    r"|.{0,80}\baffiliate[- ]links?\b.{0,160}"
    r"|click here (?:to|for) .{0,100}|(?:story|article) continues .{0,60}|(?:video|image|photo"
    r"|media) (?:unavailable|not available)"
    r"|(?:embed|link copied!?|copied|lien copié|enlace copiado|link kopiert|copiato|text size|font size"
    r"|table of contents"
    r"|play video|watch video|audio|listen(?: to (?:this )?article)?|écouter(?: (?:l['’]|cet )article)?"
    r"|artikel (?:anhören|hören|merken|drucken)"
    r"|escuchar(?: (?:el )?artículo)?|bild anzeigen|bild vergrößern|agrandir l['’]image|ampliar(?: imagen)?"
    r"|\d{1,3}\s?/\s?\d{1,3})"
    r")[\W_]{0,4}$",
    re.IGNORECASE,
)
PICTURED = re.compile(
    r"^[\W_]{0,3}(?:image(?: credits?)?|photos?(?: credits?| by| courtesy)?|picture|pic|credit|foto(?:s|grafie"
    r"|grafía|grafia)?"
    r"|bild(?:er|quelle)?|fotocredit|crédits?(?: photo)?|photographie|imagen|immagine|imagem|kuva|zdjęcie|fot|kép"
    r"|görsel"
    r"|фото|снимка|φωτογραφία|صورة|תמונה|写真|図|图|사진)\s?[.:：/©|]\s?(?:[^.!?\n]|(?<=\b\w)\.){2,90}\.?$",
    re.IGNORECASE,
)


def is_within(text: str) -> bool:
    """Whether a line is a message of the page's, wherever it stands: an embed's, on affiliate links, a credit."""
    return len(text) <= _LONG and (WITHIN.match(text) is not None or PICTURED.match(text) is not None)


def is_below(text: str) -> bool:
    """Whether a line at a text's end is a credit, a contact, an invitation, a notice of rights."""
    if _COMPANY.search(text[:_LONG]) and len(text) <= _COMPANY_TEXT:
        return True
    if len(text) > _LONG:
        return False
    if _AT_START.match(text) or _SIGNED.match(text) or _AGENCIES.match(text) or WITHIN.match(text):
        return True
    if len(text) <= _SHORT and _ADDRESS.search(text):
        return True
    return (len(text) <= _MIDDLE and (_SAID.search(text) or _NO_SPAM.search(text)) is not None) or is_invitation(text)


def is_invitation(text: str) -> bool:
    """Whether a line asks to subscribe or to follow, and names the channel."""
    return len(text) <= _LONG and _CHANNEL.search(text) is not None and _INVITATION.search(text) is not None
