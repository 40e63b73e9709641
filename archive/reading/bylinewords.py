"""The words of bylines in the press's languages: labels, joints, roles, credits for other work, agencies, newsrooms.

Each list has a line a language or a few kindred ones, so that a language is added by a line; entries are separated by
bars. The patterns made of them are linear: fixed words, and repetition only of what matches in one way.
"""

from __future__ import annotations

import re

_BETWEEN = re.compile(r"\s+\|\s+|\n")


def _any(words: str) -> str:
    """A group of the words of a list; longer ones first, for the first that fits is taken."""
    entries = {entry.strip() for entry in _BETWEEN.split(words)} - {""}
    return "(?:" + "|".join(sorted(entries, key=lambda entry: (-len(entry), entry))) + ")"


# Before a name, with or without a colon.
_SURE_LABELS = _any(
    r"""
    by | written by | posted by | published by | reported by | submitted by | story by | words by | text by
    authors?
    compiled by
    opinion by | analysis by | interview by | exclusive by | review by | report by | as told to | created by
    article by
    par | écrit par | publié par | rédigé par | posté par | texte de | propos recueillis? par | recueillis? par
    un article de | auteure?s?
    une enquête de | un reportage de | entretien réalisé par | mis en ligne par | article de | autrice
    eine? [\w-]{3,30} von
    von | text von | ein artikel von | ein beitrag von | veröffentlicht von | verfasst von | geschrieben von
    interview von
    eingestellt von | gespeichert von | autor(?:en|in|innen)?(?:/-?(?:autor|in))? | verfasser(?:in)? | quelle
    gastbeitrag von | aus
    door | geschreven door | door onze redacteur | tekst van | auteurs
    por | publicado por | escrito por | redactado por | texto de | autora?(?:es|as|s)? | texto por | elaborado por
    fuente | fonte
    di | scritto da | pubblicato da | testo di | a cura di | da | autore | autori
    av | af | skrevet af | skrevet av | skrivet av | tekst av | text av | tekst af | forfatter | publisert av
    publicerad av
    kirjoittaja | kirjoittajat | teksti | toimittaja | autoři | autorka | napsala? | napísala? | píše | szerző
    szerzők | írta | készítette
    przez | autorzy | napisała? | opracowała? | oprac\.? | autorica | piše | pišu | avtor | avtorica | napisao
    napisala
    scris de | text de | autori | de: | postat de | publicat de | yazar | yazan | muhabir | haber | hazırlayan
    tác giả | bài | bởi | phóng viên | penulis | oleh | ditulis oleh | reporter | pewarta | mwandishi | na:
    автор(?:ы|и|ка)? | текст | беседовала? | подготовил[аи]? | підготува(?:в|ла|ли) | написала? | пише
    розмовля(?:в|ла) | источник | джерело
    συντάκτ(?:ης|ρια|ες) | γράφει(?: η| ο)? | γράφουν(?: οι)? | κείμενο | επιμέλεια | ρεπορτάζ | του | της | από
    των
    كتب | كتبت | بقلم | الكاتب | الكاتبة | إعداد | نویسنده | نوشته | گزارش | مأخوذ عن | تقرير | מאת | הכותב
    כותבת?
    लेखक | लेखिका | द्वारा | रिपोर्ट | रिपोर्टर | লেখক | প্রতিবেদক | โดย | ผู้เขียน | เรื่องโดย | เรื่อง | ავტორი
    հեղինակ
    """
)
# The same words name roles or anything else where no colon follows.
_NOUN_LABELS = _any(
    """
    story | words | text | writers? | reporters? | journalist(?:e|in)?s? | correspondent | contributors?
    reporting
    interview | source
    texte | propos recueillis | rédaction | enquête | récit | beitrag | redaktion | redakteur(?:in)? | bericht
    tekst
    redactie | autor/in
    texto | reportaje | redactora? | redacción | testo | articolo | reportagem | reportage | skribent | journalist
    toimitus | szöveg
    tekst i zdjęcia | redaktor(?:ka)? | redakce | źródło | kaynak | журналіст(?:ка)? | журналист(?:ка)?
    корреспондент | кореспондент
    матеріал | материал | редактор | πηγή | المصدر | تحرير | כתבת? | संवाददाता | ผู้สื่อข่าว | wartawan
    """
)
LABEL = re.compile(
    rf"^[^\w(]*(?:{_SURE_LABELS}(?=[\s:：|]|$)|{_NOUN_LABELS}\s*(?:[:：|]|\s[-–—]\s))[\s:：|–—-]*", re.IGNORECASE
)
SURE_LABEL = re.compile(rf"^[^\w(]*{_SURE_LABELS}(?=[\s:：|])\s*[:：|]?\s*(?=\S)", re.IGNORECASE)
# Chinese, Japanese and Korean write labels without a space, before or behind the name.
HAN_LABEL = re.compile(
    "^[\\W_]*(?:(?:本报|本報|本刊|本网|本網|特约|特約|实习|實習|见习|首席|新华社|中新社|新华网|人民网)*(?:记者|記者|通讯员|通訊員|評論員|评论员|編集委員|論説委員|特派員)"
    "|作者|撰文|撰稿|采写|採訪|采访|执笔|執筆|取材[・·]?(?:文|執筆)?|構成|聞き手|筆者|文[・·]?構成|文|文字|編譯|编译|기자|글쓴이|작성자|글)(?:[\\s:：/／|=＝・·]+|(?=[\u3400-\u9fff]))"
)
HAN_ROLE = re.compile(
    "(?<!\\s)\\s*(?:本报记者|记者|記者|特派員|特派员|編集委員|論説委員|支局長|通讯员|(?:선임|인턴|객원|전문|수습)?\\s?기자|특파원|논설위원|에디터|편집위원|앵커|PD|(?<=[가-힣])\\s에디터)\\s*$"
)
# Work that is not writing; the names behind it are no authors, up to the next label.
OTHER_WORK = re.compile(
    r"(?:^|(?<=[\s,;|/&•·(\n]))"
    + _any(
        """
        photos? | photographs? | photograph(?:er|y) | pictures? | images? | illustrations? | illustrated | videos?
        graphics?
        updated | edited | editing | reviewed | medically reviewed | fact[- ]checked | translated | translation
        produced | narrated | additional reporting
        photographies? | photographe | images | vidéos? | dessins? | mis à jour | modifié | traduit | traduction
        relu | infographie
        fotos? | fotografie(?:n)? | fotograf(?:in)? | bild(?:er)? | aktualisiert | bearbeitet | übersetzt
        übersetzung | illustration(?:en)? | grafik | kamera
        fotografías? | fotografia | fotógrafo | imagen | imagens? | ilustración | actualizado | editado | traducido
        traducción | atualizado | editado | traduzido
        aggiornato | tradotto | traduzione | beeld | vertaling | bijgewerkt | oppdatert | opdateret | uppdaterad
        kuvat?
        zdjęcia | zdjęcie | fot\\. | foto | tłumaczenie | aktualizováno | překlad | fényképek | fényképezte | fotó
        fotó | güncelleme | fotoğraf(?:lar)?
        фото | фотограф | фотографии | перевод | переклад | обновлено | оновлено | ілюстрація | снимки?
        φωτογραφί(?:α|ες) | תצלום | צילום | صور | تصوير
        ảnh | hình ảnh | ภาพ | 写真 | 撮影 | 摄影 | 攝影 | 图 | 圖
        责编 | 責編 | 编辑 | 編輯 | 责任编辑 | 校对 | 翻訳 | 사진 | 편집 | 번역
        """
    )
    + r"(?=\s*[:：/／]|\s+(?:by|par|von|por|de|di|av|af|door)\b|\s*$|\s*[・]|\s(?=[\u3400-\u9fff\uac00-\ud7a3]))",
    re.IGNORECASE,
)
# Text that says it was written again after other work: "Fotos: X, Text: Y".
WRITING = re.compile(
    rf"(?:^|(?<=[\s,;|/&•·(\n]))(?:{_NOUN_LABELS}|{_SURE_LABELS})\s*[:：]|(?:^|(?<=[\s,;|/&•·\n]))(?:text von"
    rf"|words by|written by|text by|texte de)\s",
    re.IGNORECASE,
)

# Whom or where it was written for, and where they were: all behind it is cut off.
BEHIND = re.compile(
    r"(?<!\s)\s+(?:für|for|pour|voor|para|dla|для|per conto di|via|na zlecenie|in|aus|à|au|aux|from|at|near|depuis"
    r"|desde|w|we|v|ve|v(?=\s)|в|у|из|із|dari|tại"
    r"|of(?=\s+(?:the\s)?[A-Z]))\s+(?=\S)",
)
WORD_JOINTS = _any(
    """
    and | et | und | og | och | och | ja | és | şi | și | ir | un | en | y | e | i | a | u | dan | và | και | кај
    и
    та | і | й | або
    و | और | এবং | และ | ו | with | avec | mit | con | com | med | met | cùng | together with | as well as | sowie
    ve | eta
    """
)
# Also letters within double surnames and places: "Ortega y Gasset", "Ola Nordmann i Oslo".
DOUBTFUL_JOINTS = frozenset({"y", "e", "i", "a", "u", "en", "un", "ir", "ja", "ve"})

ROLE = re.compile(
    r"(?:^|(?<=[\s(]))(?:(?:senior|junior|chief|lead|staff|special|political|politics|business|economics?"
    r"|sports?|health|science|technology|tech|environment"
    r"|climate|diplomatic|foreign|national|local|breaking|news|crime|education|arts?|culture|travel|food"
    r"|investigations?|investigative|data|deputy|managing|executive|associate|assistant"
    r"|contributing|guest|freelance|digital|features?|world|us|uk|city|state|court|legal|royal|royals"
    r"|entertainment|audience|content|multimedia|video|social media"
    r"|notre|nos|nuestr[oa]|unser(?:e|en)?|grand|rédac(?:teur|trice) en chef|correspondant[es]* |leitende[r]?"
    r"|freie[r]?|stellvertretende[r]?|politische[r]?)\s+){0,4}"
    + _any(
        """
        reporters? | correspondents? | editors? | journalists? | columnists? | writers? | contributors? | producer
        bureau chief | blogger | staff | intern | author | anchor | critic | photojournalist
        journaliste?s? | correspondante?s? | envoyée?s? spéciale? | envoyée?s? spéciaux
        rédact(?:eur|rice)s?(?: en chef)? | chroniqueu(?:r|se) | reporter | pigiste | éditorialiste
        redakteur(?:in|e)? | korrespondent(?:in|en)? | journalist(?:in|en)? | reporterin | chefredakteur(?:in)?
        volontär(?:in)? | kolumnist(?:in)? | redaktor(?:in)? | autorin | ressortleiter(?:in)?
        freie mitarbeiter(?:in)?
        corresponsal | enviad[oa]s? especial(?:es)? | periodista | reporter[oa]s? | redactora?
        redactor(?:a)? jefe
        jornalista | repórter | correspondente | editora? | colunista | da redação | subeditora?
        inviat[oai] | corrispondente | giornalista | redattrice | redattore | verslaggever | redacteur
        correspondent
        onze correspondent
        korrespondenter? | journalist(?:en)? | redaktør | redaktör | reporter | toimittaja | kirjeenvaihtaja
        reportér(?:ka)? | redaktor(?:ka)? | dziennikarz | dziennikarka | novinář(?:ka)? | novinar(?:ka)? | újságíró
        szerkesztő | főszerkesztő
        muhabiri | muhabir | editörü | editör | gazeteci | yazarı | köşe yazarı | jurnalist | redactor-șef
        журналист(?:ка)? | корреспондент(?:ка)? | спецкор(?:респондент)? | специальный корреспондент
        обозреватель(?:ница)? | редактор(?:ка)? | журналіст(?:ка)? | кореспондент(?:ка)? | собкор
        главный редактор
        собственный корреспондент | шеф-редактор
        δημοσιογράφος | συντάκτης | ανταποκριτής | مراسل | مراسلة | صحفي | صحفية | كاتب | محرر | כתב | כתבת
        עיתונאי
        संवाददाता | पत्रकार | ผู้สื่อข่าว | phóng viên | wartawan | kontributor
        """
    )
    + r"(?=$|[\s,;:)/|–—-]|['’]s\b)",
    re.IGNORECASE,
)
HONORIFIC = re.compile(
    r"^(?:(?:Mr|Mrs|Ms|Dr|Prof|Dra|Dott|Ing|Mgr|PhDr|JUDr|MUDr|RNDr|Bc|dr|prof|hab|mgr|inż)\.(?:\s?-?\s?|$)|@)+"
)
_DEGREES = (
    r"Ph\.?\s?D|M\.?D|D\.?O|M\.?P\.?H|M\.?B\.?A|M\.?A|B\.?A|M\.?Sc?|B\.?Sc?|R\.?D\.?N?|R\.?N|J\.?D|D\.?V\.?M"
    r"|C\.?P\.?A|LCSW|Pharm\.?D|Psy\.?D"
    r"|Esq|CSc|DrSc|LL\.?M|M\.?Ed|Ed\.?D|FRCP|CPT|NASM-CPT|CSCS|LD|CDE"
)
DEGREE = re.compile(rf",\s*(?:{_DEGREES})\b\.?(?=\s*(?:,|;|$|\(|and\b|&|\n|\|))")
SUFFIX = re.compile(r",\s*(Jr\.?|Sr\.?|II|III|IV)(?=$|[\s,;])")

# Words that a name has none of; the second list is of words that are names, too, and says nothing within one.
FURNITURE = re.compile(
    r"\b"
    + _any(
        """
        follow(?:ing|ers)? | twitter | facebook | instagram | linkedin | e-?mail | reply | posted | published
        updated
        share | archives? | view | comments? | photographs? | photo | illustration | image | copyright | login
        sign up
        subscribe | cancel | close | about | minutes? | hours? | all posts | profile | contact | latest | related
        suivre | lecture | partager | publié | voir | répondre | mis à jour | abonnés? | commentaires? | minuten
        folgen | antworten | teilen | archiv | anzeigen | mehr | kommentare? | foto | bild | uhr | lesezeit
        artikel
        abbruch | veröffentlicht | geschrieben | verfasst | aktualisiert | kontakt | drucken | merken | seguir
        compartir | publicado | actualizado | guardar | segui | condividi | aggiornato | pubblicato
        megosztás | udostępnij | opublikowano | sdílet | publikováno | paylaş | güncelleme | dakika | takip et
        поделиться | опубликовано | опубліковано | обновлено | комментари\\w+ | подписаться | прочитать
        κοινοποίηση | δημοσίευση | نشر | شارك | תגובות | bagikan
        """
    )
    + r"\b|分享|发布|發布|来源|來源|更新|公開|配信|入力|입력|수정|구독|공유|แชร์|เผยแพร่",
    re.IGNORECASE,
)
# "Posted on 3 March 2025 by Ann Ray": what stands before the name.
DATED_LABEL = re.compile(r"^[^\n]{0,40}\d[^\n]{0,25}?\s(?:by|par|von|por|di|av|af|door|przez|od)\s+(?=\S)")
FURNITURE_ALONE = re.compile(
    r"(?:edit|link|menu|text|texte|texto|testo|story|words|interview|reportage|bio|ago|page|read|more|alle"
    r"|leer|lees|delen|photos?|live|data|date|datum|fecha|(?:mon|tues|wednes|thurs|fri|satur|sun)day|today"
    r"|yesterday|by|und|et|and|all|autor\w*|"
    r"(?:read|see|view|learn|show) (?:more|all|full).*|il y a.*|chia sẻ|\W*)",
    re.IGNORECASE,
)
AGENCY = re.compile(
    r"(?:l['’]|the\s+|agencia\s+|agenzia\s+|agence\s+|agencja\s+|agentur\s+)?"
    + _any(
        """
        afp | agence france[- ]presse | reuters | ap | apnews | associated press | dpa(?:-\\w+)? | apa | ansa | efe
        belga | ats | sda
        keystone(?:-(?:ats|sda))? | xinhua | tass | pa | pa media | press association | upi | ians | pti | ani
        bloomberg
        kna | epd | sid | mti | anp | jiji | kyodo | agences? | agencias? | agenzie | agenturen | wire reports?
        wires
        canadian press | la presse canadienne | europa press | lusa | pap | čtk | ctk | tasr | ntb | tt | ritzau
        stt | bta
        agerpres | hina | tanjug | srna | fena | sta | anadolu(?: ajansı| agency)? | aa | dha | iha
        interfax(?:-\\w+)? | ukrinform
        unian | риа новости | тасс | интерфакс | укринформ | укрінформ | уніан | бта | απε(?:-μπε)?
        afp deutschland
        新华社 | 新華社 | 新华网 | 中新社 | 中国新闻网 | 共同(?:通信)? | 時事(?:通信)?
        연합뉴스 | 뉴시스 | 뉴스1 | وكالات | الأناضول | أ ف ب
        antara | ttxvn
        staff | staff reports? | staff reporters? | staff writers? | news desk | web desk | newsroom | online desk
        editors? | desk
        (?:la |die |de |da |das )?(?:r[ée]daction|redaktion|redazione|redactie|redação|redacción|redacció)
        editorial (?:team|board|staff|desk) | equipo editorial | newsdesk | haber merkezi | ban biên tập | toimitus
        redakce
        redakcja | szerkesztőség | redaksi | redaksjonen | redaktionen | редакция | редакція | редакцията | 編集部
        编辑部 | 社説
        """
    )
    + r"(?![^\W_]).{0,40}",
    re.IGNORECASE,
)
# A body that signs: legal forms, and words that name newsrooms and media rather than people.
ORGANISATION = re.compile(
    r"(?:^|(?<=[\s/(-]))(?:gmbh|ag|kg|e\.\s?v\.|ltd\.?|inc\.?|llc|plc|s\.a\.|s\.l\.|spa|s\.p\.a\.|corp\.?"
    r"|verlag|zeitung|magazin|magazine"
    r"|[\w-]{0,40}redaktion|redaction|rédaction|redacción|redazione|redakcja|redaksi|редакция|редакція|newsroom"
    r"|staff|desk|news|online"
    r"|media|tv|radio|times|press|presse|pressestelle|journal|gazette|tribune|agency|agentur|agencia|agence"
    r"|ajansı|verein|verband"
    r"|institut|institute|foundation|stiftung|association|university|universität)(?=$|[\s,/).-])|新聞|编辑部|編集部"
    r"|日报|신문|뉴스$",
    re.IGNORECASE,
)
