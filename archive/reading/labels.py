"""Labels that the press of many languages prints around an article's text: of other articles, tags, comments.

Entries are parted by bars. The patterns made of them are linear: fixed words, and bounded repetition only.
"""

from __future__ import annotations

import re

_BETWEEN = re.compile(r"\s+\|\s+|\n")


def _any(words: str) -> str:
    entries = {entry.strip() for entry in _BETWEEN.split(words)} - {""}
    return "(?:" + "|".join(sorted(entries, key=lambda entry: (-len(entry), entry))) + ")"


# A line that is nothing else begins what stands below an article: other articles, topics, comments, the author.
_FOOT = _any(
    r"""
    (?:read|see) (?:more|also) | also read
    related(?: (?:articles?|stories|story|posts?|news|content|topics?|reading|coverage|items|links|tags?))?
    (?:more|read more|further) (?:on this(?: story| topic)?|stories|news|like this|reading|articles|coverage|to explore)
    (?:more|read more|the latest) (?:from|in|about) (?:the |our )?[\w’'& .-]{2,40}
    (?:you )?(?:may|might) also (?:like|enjoy|be interested in)
    recommended(?: (?:for you|reading|stories|articles))?
    most (?:read|popular|viewed|shared|recent)(?: (?:articles|stories|news))? | popular(?: (?:now|posts|stories))?
    trending(?: (?:now|stories|news))? | (?:read|up|what to read) next
    latest (?:news|posts|stories|articles|headlines)
    editor['’]?s['’]? (?:picks|choice) | top stories | in this (?:story|article) | keep reading | don['’]t miss
    about the (?:author|writer|contributor)s? | contributors? | author bio | meet the (?:author|team)
    (?:leave|post|write|add) a (?:comment|reply) | (?:join|start) the (?:discussion|conversation) | (?:\d+ )?comments?
    (?:show|view|read|hide|load|see)(?: all| more)? comments | tell us what (?:you|YOU) think
    share (?:this|the)(?: (?:article|story|post|page|news))? | share (?:on|via):? | follow us(?: on)? | stay connected
    stay (?:informed|up[ -]to[ -]date) | support (?:us|our (?:work|journalism)) | tags? | topics? | filed under
    keywords?
    credits?(?: and sources)? | contact us
    articles? (?:liés?|connexes?|similaires?|associés?|recommandés?) | (?:à|a) lire (?:aussi|également|ensuite)
    sur le même (?:sujet|thème) | (?:dans|sur) la même (?:rubrique|thématique) | lire (?:aussi|également|la suite)
    les plus lus | (?:nos )?derni(?:ers|ères) (?:articles|actualités|actus|infos) | à la une | vous aimerez aussi
    (?:laisser|ajouter|poster|écrire) un commentaire | (?:\d+ )?commentaires?
    (?:voir|lire|afficher) les commentaires
    réagir(?: à cet article)? | partager(?: (?:cet|l['’]) ?article)? | suivez-nous(?: sur)? | l['’]auteure?
    à propos de l['’]auteure? | sujets? | thèmes?(?: associés)? | mots[- ]clés? | étiquettes? | plus d['’]articles?
    dans le même (?:thème|dossier) | contenus? (?:sponsorisés?|similaires?) | soutenez-nous | rubriques?
    mehr (?:zum thema|dazu|aus (?:dem|der) ressort|aus \w{3,30}|von \w{3,30}|artikel|nachrichten|meldungen|lesen)
    (?:lesen|sehen) sie auch | auch interessant | das könnte (?:sie|dich|euch) (?:auch )?interessieren
    (?:weitere|ähnliche|verwandte) (?:artikel|beiträge|themen|nachrichten|meldungen|links|informationen|infos)
    meistgelesen(?:e artikel)? | meist gelesen | beliebt(?:e artikel)? | empfehlungen(?: der redaktion)?
    unsere empfehlungen | neueste (?:artikel|beiträge|nachrichten) | aktuelle (?:artikel|beiträge|nachrichten)
    (?:über|zu) (?:den|die) autor(?:in|en)? | zur person | kommentare? | kommentar (?:schreiben|verfassen)
    (?:artikel |beitrag )?teilen | folgen sie uns(?: auf)? | themen | schlagw(?:ort|örter|orte)
    stichwort(?:e|wörter)?
    zum thema | links zum thema | schlagworte zum thema | quellen? | passend dazu | top-themen | schon gelesen
    art[ií]culos? relacionad[oa]s? | noticias? relacionad[oa]s? | contenidos? relacionad[oa]s? | (?:más|mas) noticias
    (?:te|le) puede interesar | también te puede interesar | lea también | lee también | ver también | más leíd[oa]s
    lo más (?:leído|visto|popular) | últimas noticias | más sobre [\w ]{3,30} | más información | comentarios?
    (?:mostrar|ver|dejar|escribir) (?:un )?comentarios? | compartir | síguenos(?: en)? | temas(?: relacionados)?
    etiquetas? | archivado en | sobre el autor | sobre la autora | recomendad[oa]s? | te recomendamos | en portada
    articoli correlati | articoli simili | notizie correlate | leggi anche | potrebbe interessarti(?: anche)?
    (?:i )?più letti | ultime notizie | ultim['’]ora | commenti | (?:lascia|scrivi) un commento | condividi
    seguici(?: su)? | argomenti(?: trattati)? | etichette | sull['’]autore | l['’]autore | altri articoli
    leggi tutto
    not[ií]cias? relacionadas? | artigos? relacionados? | conte[uú]dos? relacionados? | leia (?:também|mais)
    veja (?:também|mais) | saiba mais | mais lidas | últimas not[ií]cias | comentários? | deixe (?:o )?seu comentário
    compartilhe? | partilhar | siga-nos | assuntos?(?: relacionados)? | tópicos | sobre o autor | recomendados?
    lees ook | lees verder | meer over(?: [\w ]{3,30})? | meer nieuws | gerelateerd(?:e artikelen)?
    meest gelezen | reacties | reageer | deel (?:dit )?(?:artikel)? | volg ons | onderwerpen | trefwoorden
    over de auteur
    läs (?:också|mer|även|vidare) | mer (?:om|från)(?: [\w ]{2,30})? | relaterat | relaterade artiklar | mest läst[a]?
    kommentarer | dela(?: artikeln)? | följ oss | ämnen | taggar | om (?:författaren|skribenten) | senaste nytt
    les også | les mer | relaterte (?:artikler|saker) | mest lest | del(?: artikkelen)? | emner | stikkord | følg oss
    læs også | læs mere | relaterede artikler | mest læste | kommentér | del artiklen | emneord
    lue (?:myös|lisää) | aiheeseen liittyvää | luetuimmat | kommentit | jaa(?: artikkeli)? | avainsanat | aiheet
    czytaj (?:też|także|również|więcej|dalej) | zobacz (?:też|także|również|więcej) | przeczytaj (?:też|także|również)
    powiązane(?: artykuły| tematy)? | podobne artykuły | polecane(?: artykuły)? | najczęściej czytane | najnowsze
    komentarze | dodaj komentarz | udostępnij | tagi | tematy | o autorze | źródł[oa]
    więcej (?:na temat|o)(?: [\w ]{2,30})?
    čtěte (?:také|též|i|dále) | přečtěte si (?:také|i) | související(?: články| témata)? | nejčtenější | komentáře
    diskuse | diskuze | sdílet | témata | štítky | o autorovi | mohlo by vás zajímat | súvisiace články | čítajte aj
    kapcsolódó(?: cikkek| cikkeink)? | olvass(?:a|on)? (?:még|tovább|el ezt is) | legolvasottabb | hozzászólások
    címkék
    citește (?:și|mai mult) | citiți și | articole (?:similare|recomandate|asemănătoare) | comentarii | etichete
    cele mai citite | distribuie | urmărește-ne(?: pe)?
    ilgili (?:haberler|konular|içerikler) | benzer (?:haberler|içerikler) | bu haberi paylaşın | etiketler | yorumlar
    (?:en )?çok okunanlar | son dakika(?: haberler[iı])? | diğer haberler | yorum yap | paylaş
    önerilen (?:haberler|içerikler)
    читайте (?:также|ещё|еще|далее|по теме) | по теме | материалы по теме | похожие (?:новости|статьи|материалы)
    другие (?:новости|материалы) | (?:самое )?популярное | самое читаемое | последние новости | новости по теме
    комментарии | (?:оставить|добавить) комментарий | поделиться(?: новостью)? | теги | метки | темы | об авторе
    ещё по теме | еще по теме | сюжет(?:ы)? | источник | рекомендуем | подписывайтесь(?: на нас)?
    читайте (?:також|ще) | за темою | новини за темою | схожі (?:новини|матеріали) | останні новини | коментарі
    мітки
    популярне | поділитися | більше новин | прочетете (?:още|също) | още по темата | свързани (?:статии|новини)
    етикети
    διαβάστε (?:επίσης|ακόμη?|περισσότερα|και) | σχετικά(?: άρθρα| θέματα)? | σχόλια | ετικέτες | δημοφιλή
    ροή ειδήσεων | ακολουθήστε μας
    اقرأ (?:أيض[اًا]*|ايضا|المزيد) | مواضيع (?:ذات صلة|متعلقة) | أخبار (?:ذات صلة|متعلقة) | ذات صلة
    مقالات ذات صلة | الأكثر قراءة
    التعليقات | تعليقات | شارك(?: المقال| الخبر)? | الوسوم | وسوم | كلمات دلالية | المزيد(?: من [\w ]{2,30})?
    تابعونا(?: على)?
    اخبار مرتبط | مطالب مرتبط | بیشتر بخوانید | برچسب(?: |\u200c)?ها | نظرات | دیدگاه(?: |\u200c)?ها | اشتراک گذاری
    پربازدیدترین(?:‌ها)?
    קראו (?:עוד|גם) | כתבות (?:נוספות|קשורות) | תגובות | תגיות | הנקראות ביותר | שתפו | עוד בנושא | אולי יעניין אותך
    (?:ये|यह) भी पढ़ें | इसे भी पढ़ें | संबंधित (?:खबरें|ख़बरें|समाचार) | और पढ़ें | टिप्पणियां | टैग्स | कॉपी लिंक
    आरও পড়ুন | আরও পড়ুন | সম্পর্কিত খবর
    関連(?:記事|ニュース|キーワード|リンク|タグ|トピックス|ワード|情報) | 【関連記事】 | あわせて読みたい
    おすすめ(?:記事|情報|の記事)? | (?:アクセス)?ランキング | 人気記事
    新着記事 | この記事(?:を(?:シェア|書いた人)|の著者|に関する[^\n]{2,12}) | コメント | タグ | キーワード
    シェアする | もっと見る | 最新記事
    相关(?:阅读|新闻|文章|推荐|链接|报道|专题) | 延伸阅读 | 推荐(?:阅读|新闻)? | 热门(?:文章|新闻|推荐) | 评论
    分享(?:到|让更多人看到)? | 标签 | 关键词 | 关注 | 更多(?:新闻|精彩)?
    相關(?:閱讀|新聞|文章|報導) | 延伸閱讀 | 推薦(?:閱讀|新聞)? | 熱門(?:文章|新聞) | 留言 | 標籤 | 關鍵字
    更多新聞 | 最新新聞
    관련\s?(?:기사|뉴스|키워드|태그) | 많이 본 (?:뉴스|기사) | 추천\s?(?:기사|뉴스) | 댓글(?:\s?\d*)?
    이 기사를 공유합니다 | 인기\s?(?:기사|뉴스) | 태그 | 최신\s?(?:기사|뉴스)
    baca juga | berita (?:terkait|lainnya|populer|terbaru) | artikel (?:terkait|lainnya) | terpopuler | komentar
    bagikan
    tag terkait | simak juga | lihat juga | topik(?: terkait)? | artikel berkaitan | berita berkaitan
    tin liên quan | bài (?:viết )?liên quan | đọc thêm | xem thêm | tin (?:cùng chuyên mục|nổi bật|mới) | bình luận
    chia sẻ
    từ khóa | chủ đề | ข่าวที่เกี่ยวข้อง | อ่านเพิ่มเติม | แท็ก | ความคิดเห็น | ข่าวล่าสุด | soma (?:pia|zaidi)
    habari zaidi
    """
)
FOOT = re.compile(rf"^[\W_]{{0,4}}{_FOOT}(?:\s?\(\d{{1,5}}\))?[\W_]{{0,4}}$", re.IGNORECASE)

# Before what an article is filed under: "Tags: ports, ferries".
TAGGED = re.compile(
    r"^[\W_]{0,4}(?:tags?|topics?|filed under|posted in|keywords?|categor(?:y|ies)|tagged(?: (?:with|as|in))?"
    r"|mots[- ]clés?|étiquettes?|catégories?|classé dans|thèmes?|schlag(?:worte|wörter|wort)|stichworte?|kategorien?"
    r"|etiquetas?|categorías?|archivado en|categorie|etichette|categorias?|assuntos|trefwoorden|taggar|emneord"
    r"|avainsanat|tagi|kategorie|štítky|témata|címkék|etichete|etiketler|теги|метки|мітки|рубрики|ετικέτες|الوسوم"
    r"|كلمات دلالية|برچسب(?:\s|\u200c)?ها|תגיות|टैग्स?|タグ|キーワード|关键词|标签|關鍵字|標籤|태그|키워드"
    r"|từ khóa)\s?[:：|»]",
    re.IGNORECASE,
)
