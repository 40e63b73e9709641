"""Every table, view and index, as migrations: reading this file from top to bottom is reading the data's history.

Nothing else creates or alters a table. To change one, add a function at the end; never edit one that was released.
`ABOUT` says in plain words what each table and column holds; documentation and Datasette show it.
"""

from __future__ import annotations

import dataclasses

from sqlite_utils import Database, Migrations

from archive.models import Article
from archive.urls import address_key

migrations = Migrations("marbre")


@migrations()
def m001_crawls(db: Database) -> None:
    db.execute("""
        CREATE TABLE crawls (
            id TEXT PRIMARY KEY,
            site TEXT NOT NULL,
            started TEXT NOT NULL,
            ended TEXT,
            reason TEXT,
            counts TEXT NOT NULL DEFAULT '{}',
            versions TEXT NOT NULL DEFAULT '{}'
        ) STRICT""")
    db.execute("CREATE INDEX crawls_site ON crawls (site, started)")


@migrations()
def m002_captures(db: Database) -> None:
    db.execute("""
        CREATE TABLE captures (
            id TEXT PRIMARY KEY,
            urlkey TEXT NOT NULL,
            timestamp TEXT NOT NULL,
            url TEXT NOT NULL,
            status INTEGER NOT NULL,
            mime TEXT,
            digest TEXT NOT NULL,
            kind TEXT NOT NULL,
            refers_to TEXT,
            filename TEXT NOT NULL,
            offset INTEGER NOT NULL,
            length INTEGER NOT NULL,
            crawl TEXT NOT NULL REFERENCES crawls (id),
            role TEXT NOT NULL,
            links TEXT NOT NULL DEFAULT '[]'
        ) STRICT""")
    db.execute("CREATE INDEX captures_urlkey ON captures (urlkey, timestamp)")
    db.execute("CREATE INDEX captures_file ON captures (filename, offset)")
    db.execute("CREATE INDEX captures_crawl ON captures (crawl)")


@migrations()
def m003_frontier(db: Database) -> None:
    db.execute("""
        CREATE TABLE frontier (
            crawl TEXT NOT NULL REFERENCES crawls (id),
            url TEXT NOT NULL,
            state TEXT NOT NULL DEFAULT 'queued',
            outcome TEXT,
            reason TEXT,
            detail TEXT,
            capture TEXT REFERENCES captures (id),
            links TEXT NOT NULL DEFAULT '[]',
            PRIMARY KEY (crawl, url)
        ) STRICT""")
    db.execute("CREATE INDEX frontier_url ON frontier (url, crawl)")
    db.execute("CREATE INDEX frontier_state ON frontier (crawl, state)")


@migrations()
def m004_articles(db: Database) -> None:
    db.execute("""
        CREATE TABLE articles (
            docid INTEGER PRIMARY KEY,
            id TEXT NOT NULL UNIQUE,
            site TEXT NOT NULL,
            title TEXT,
            published TEXT,
            authors TEXT NOT NULL DEFAULT '[]',
            section TEXT,
            tags TEXT NOT NULL DEFAULT '[]',
            description TEXT,
            text TEXT NOT NULL,
            url TEXT NOT NULL,
            canonical_url TEXT NOT NULL,
            shortlink TEXT,
            published_raw TEXT,
            modified TEXT,
            language TEXT,
            site_name TEXT,
            markdown TEXT NOT NULL,
            image TEXT,
            images TEXT NOT NULL DEFAULT '[]',
            licence TEXT,
            free_access INTEGER,
            provenance TEXT NOT NULL DEFAULT '{}',
            versions INTEGER NOT NULL,
            first_seen TEXT NOT NULL,
            last_seen TEXT NOT NULL,
            digest TEXT NOT NULL,
            text_digest TEXT NOT NULL,
            capture TEXT NOT NULL REFERENCES captures (id)
        ) STRICT""")
    db.execute("CREATE INDEX articles_site ON articles (site, published)")
    db.execute("CREATE INDEX articles_published ON articles (published)")
    db.execute("CREATE INDEX articles_canonical_url ON articles (canonical_url)")
    db.execute("CREATE INDEX articles_text_digest ON articles (text_digest)")
    # remove_diacritics 2 folds every accent; what it does not fold (œ, æ, ß) the search spells both ways.
    columns = ["title", "description", "text"]
    db.table("articles").enable_fts(columns, tokenize="unicode61 remove_diacritics 2")
    # Triggers of our own: the usual ones index a text anew whenever any column of its row changes.
    old, new = (", ".join(f"{row}.{column}" for column in columns) for row in ("old", "new"))
    names = ", ".join(columns)
    forget = f"INSERT INTO articles_fts (articles_fts, rowid, {names}) VALUES ('delete', old.docid, {old});"
    learn = f"INSERT INTO articles_fts (rowid, {names}) VALUES (new.docid, {new});"
    db.execute(f"CREATE TRIGGER articles_fts_insert AFTER INSERT ON articles BEGIN {learn} END")
    db.execute(f"CREATE TRIGGER articles_fts_delete AFTER DELETE ON articles BEGIN {forget} END")
    db.execute(
        f"CREATE TRIGGER articles_fts_update AFTER UPDATE OF docid, {names} ON articles BEGIN {forget} {learn} END"
    )


@migrations()
def m005_extractions(db: Database) -> None:
    db.execute("""
        CREATE TABLE extractions (
            capture TEXT PRIMARY KEY REFERENCES captures (id),
            timestamp TEXT NOT NULL,
            extractor TEXT NOT NULL,
            outcome TEXT NOT NULL,
            reason TEXT,
            detail TEXT,
            canonical_url TEXT,
            shortlink TEXT,
            article TEXT REFERENCES articles (id) ON UPDATE CASCADE DEFERRABLE INITIALLY DEFERRED,
            digest TEXT
        ) STRICT""")
    db.execute("CREATE INDEX extractions_canonical_url ON extractions (canonical_url)")
    db.execute("CREATE INDEX extractions_shortlink ON extractions (shortlink) WHERE shortlink IS NOT NULL")
    db.execute("CREATE INDEX extractions_article ON extractions (article, digest)")
    db.execute("CREATE INDEX extractions_outcome ON extractions (outcome, reason)")


@migrations()
def m006_versions(db: Database) -> None:
    db.execute("""
        CREATE TABLE versions (
            article TEXT NOT NULL REFERENCES articles (id)
                ON UPDATE CASCADE ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
            digest TEXT NOT NULL,
            first_seen TEXT NOT NULL,
            last_seen TEXT NOT NULL,
            title TEXT,
            authors TEXT NOT NULL DEFAULT '[]',
            published TEXT,
            modified TEXT,
            text TEXT NOT NULL,
            text_digest TEXT NOT NULL,
            capture TEXT NOT NULL REFERENCES captures (id),
            PRIMARY KEY (article, digest)
        ) STRICT""")


@migrations()
def m007_people_and_tags(db: Database) -> None:
    for noun, table in (("author", "authors"), ("tag", "tags")):
        db.execute(f"CREATE TABLE {table} (name TEXT PRIMARY KEY) STRICT")
        db.execute(f"""
            CREATE TABLE article_{table} (
                article TEXT NOT NULL REFERENCES articles (id)
                    ON UPDATE CASCADE ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
                {noun} TEXT NOT NULL REFERENCES {table} (name),
                position INTEGER NOT NULL,
                PRIMARY KEY (article, {noun})
            ) STRICT""")
        db.execute(f"CREATE INDEX article_{table}_{noun} ON article_{table} ({noun})")
        db.execute(f"""
            CREATE TRIGGER article_{table}_delete AFTER DELETE ON article_{table} BEGIN
                DELETE FROM {table} WHERE name = old.{noun}
                AND NOT EXISTS (SELECT 1 FROM article_{table} WHERE {noun} = old.{noun});
            END""")


@migrations()
def m008_exact_duplicates(db: Database) -> None:
    # A view: which article came first can change when an older capture is added, and a view is always right.
    db.execute("""
        CREATE VIEW exact_duplicates AS
        SELECT copy.id AS article, original.id AS original
        FROM articles AS copy JOIN articles AS original ON original.text_digest = copy.text_digest
        WHERE original.id = (
            SELECT id FROM articles AS a WHERE a.text_digest = copy.text_digest ORDER BY first_seen, id LIMIT 1
        ) AND original.id != copy.id""")


@migrations()
def m009_sources(db: Database) -> None:
    db.execute("ALTER TABLE captures ADD COLUMN source TEXT")
    db.execute("ALTER TABLE articles ADD COLUMN accepted_by TEXT")
    db.execute("ALTER TABLE extractions ADD COLUMN modified TEXT")
    db.execute("ALTER TABLE extractions ADD COLUMN api INTEGER NOT NULL DEFAULT 0")
    db.execute("""
        CREATE TABLE sources (
            crawl TEXT NOT NULL REFERENCES crawls (id),
            url TEXT NOT NULL,
            kind TEXT NOT NULL,
            outcome TEXT NOT NULL,
            links INTEGER NOT NULL DEFAULT 0,
            claimed INTEGER,
            detail TEXT,
            timestamp TEXT NOT NULL,
            PRIMARY KEY (crawl, url)
        ) STRICT""")
    db.execute("CREATE INDEX sources_url ON sources (url, timestamp)")


@migrations()
def m010_imports(db: Database) -> None:
    db.execute("""
        CREATE TABLE imports (
            id TEXT PRIMARY KEY,
            source TEXT NOT NULL,
            filename TEXT NOT NULL,
            size INTEGER NOT NULL,
            filters TEXT NOT NULL DEFAULT '{}',
            started TEXT NOT NULL,
            finished TEXT,
            position INTEGER NOT NULL DEFAULT 0,
            counts TEXT NOT NULL DEFAULT '{}'
        ) STRICT""")
    db.execute("CREATE INDEX imports_source ON imports (source)")


@migrations()
def m011_profiles(db: Database) -> None:
    db.execute("""
        CREATE TABLE profiles (
            site TEXT NOT NULL,
            version TEXT NOT NULL,
            adopted TEXT NOT NULL,
            templates INTEGER NOT NULL,
            pages INTEGER NOT NULL,
            document TEXT NOT NULL,
            PRIMARY KEY (site, version)
        ) STRICT""")
    db.execute("CREATE INDEX profiles_site ON profiles (site, adopted)")


@migrations()
def m012_parts(db: Database) -> None:
    db.execute("ALTER TABLE articles ADD COLUMN parts INTEGER NOT NULL DEFAULT 1")
    db.execute("ALTER TABLE articles ADD COLUMN missing_part TEXT")
    db.execute("CREATE INDEX captures_parts ON captures (crawl) WHERE role = 'part'")


@migrations()
def m013_duplicates(db: Database) -> None:
    db.execute("""
        CREATE TABLE duplicate_texts (
            id INTEGER PRIMARY KEY,
            text_digest TEXT NOT NULL,
            words INTEGER NOT NULL,
            bands BLOB NOT NULL
        ) STRICT""")
    db.execute("""
        CREATE TABLE duplicate_bands (
            key INTEGER NOT NULL,
            text INTEGER NOT NULL,
            PRIMARY KEY (key, text)
        ) STRICT, WITHOUT ROWID""")
    db.execute("""
        CREATE TABLE duplicate_pairs (
            one INTEGER NOT NULL,
            other INTEGER NOT NULL,
            jaccard REAL NOT NULL,
            containment REAL NOT NULL,
            PRIMARY KEY (one, other)
        ) STRICT, WITHOUT ROWID""")
    db.execute("CREATE INDEX duplicate_pairs_other ON duplicate_pairs (other)")
    # Comparing the texts of a large archive takes long: they wait here, and are worked off by the way.
    db.execute("CREATE TABLE duplicate_queue (text_digest TEXT NOT NULL UNIQUE) STRICT")
    db.execute("INSERT INTO duplicate_queue (text_digest) SELECT DISTINCT text_digest FROM articles")
    queue = "INSERT OR REPLACE INTO duplicate_queue (text_digest) VALUES"
    db.execute(
        f"CREATE TRIGGER duplicates_insert AFTER INSERT ON articles BEGIN {queue} (new.text_digest); END",
    )
    db.execute(
        f"CREATE TRIGGER duplicates_delete AFTER DELETE ON articles BEGIN {queue} (old.text_digest); END",
    )
    db.execute(f"""
        CREATE TRIGGER duplicates_update AFTER UPDATE OF text_digest ON articles
        WHEN old.text_digest IS NOT new.text_digest
        BEGIN {queue} (old.text_digest); {queue} (new.text_digest); END""")
    db.execute("""
        CREATE VIEW near_duplicates AS
        SELECT one.id AS article, other.id AS copy, p.jaccard, p.containment FROM duplicate_pairs AS p
        JOIN duplicate_texts AS a ON a.id = p.one JOIN articles AS one ON one.text_digest = a.text_digest
        JOIN duplicate_texts AS b ON b.id = p.other JOIN articles AS other ON other.text_digest = b.text_digest""")


@migrations()
def m014_search(db: Database) -> None:
    # The rows of this index are numbered by day, so that the newest matches are found without looking at all of them:
    # a day is counted from 1600 (Julian day 2305447.5) in 18 bits, 45 of the docid tell the articles of a day apart.
    def dated(row: str = "") -> str:
        moment = f"coalesce(julianday({row}published), julianday({row}first_seen), 0)"
        day = f"max(0, min(262143, CAST({moment} - 2305447.5 AS INTEGER)))"
        return f"(({day} << 45) | ({row}docid & 35184372088831))"

    def searched(row: str) -> str:
        texts = (f"searchable({row}{name})" for name in texts_of)
        return f"{dated(row)}, {', '.join(texts)}, filterable({', '.join(row + name for name in filters)})"

    texts_of, filters = ("title", "description", "text"), ("site", "language", "section", "authors", "tags")
    names = f"{', '.join(texts_of)}, filters"
    # No copy of the texts: snippets are cut out of the articles. Marks are letters, or Thai and Hindi fall apart.
    db.execute(f"""
        CREATE VIRTUAL TABLE search_fts USING fts5 (
            {names}, content='', tokenize="unicode61 remove_diacritics 2 categories 'L* N* Co Mn Mc'"
        )""")
    db.execute(f"CREATE INDEX articles_dated ON articles ({dated()}, site, language)")
    forget = f"INSERT INTO search_fts (search_fts, rowid, {names}) VALUES ('delete', {searched('old.')});"
    learn = f"INSERT INTO search_fts (rowid, {names}) VALUES ({searched('new.')});"
    columns = (*texts_of, *filters)
    before, after = (f"({dated(row)}, {', '.join(row + name for name in columns)})" for row in ("old.", "new."))
    db.execute(f"CREATE TRIGGER search_fts_insert AFTER INSERT ON articles BEGIN {learn} END")
    db.execute(f"CREATE TRIGGER search_fts_delete AFTER DELETE ON articles BEGIN {forget} END")
    db.execute(f"""
        CREATE TRIGGER search_fts_update AFTER UPDATE OF docid, published, first_seen, {", ".join(columns)} ON articles
        WHEN {before} IS NOT {after} BEGIN {forget} {learn} END""")
    db.execute(f"INSERT INTO search_fts (rowid, {names}) SELECT {searched('')} FROM articles ORDER BY {dated()}")


@migrations()
def m015_addresses(db: Database) -> None:
    db.execute("ALTER TABLE extractions ADD COLUMN address TEXT")
    db.register_function(address_key, deterministic=True)
    db.execute("UPDATE extractions SET address = address_key(canonical_url) WHERE canonical_url IS NOT NULL")
    db.execute("CREATE INDEX extractions_address ON extractions (address) WHERE address IS NOT NULL")


@migrations()
def m016_events(db: Database) -> None:
    # What was asked for and what answered, in the form that all views of a page share: a removed page has no other key.
    for column in ("asked TEXT", "answered TEXT", "walled INTEGER NOT NULL DEFAULT 0"):
        db.execute(f"ALTER TABLE extractions ADD COLUMN {column}")
    db.register_function(address_key, deterministic=True)
    db.execute("""
        UPDATE extractions SET (asked, answered) = (
            SELECT address_key(coalesce(links ->> '$[0].url', url)), address_key(url)
            FROM captures WHERE id = capture)""")
    db.execute("CREATE INDEX extractions_asked ON extractions (asked)")
    db.execute("CREATE INDEX extractions_answered ON extractions (answered) WHERE article IS NOT NULL")
    for column in ("previous TEXT", "changed TEXT NOT NULL DEFAULT '[]'"):
        db.execute(f"ALTER TABLE versions ADD COLUMN {column}")
    db.execute("""
        CREATE TABLE events (
            article TEXT NOT NULL REFERENCES articles (id)
                ON UPDATE CASCADE ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
            timestamp TEXT NOT NULL,
            kind TEXT NOT NULL,
            url TEXT NOT NULL,
            detail TEXT,
            capture TEXT NOT NULL REFERENCES captures (id),
            PRIMARY KEY (article, capture)
        ) STRICT""")
    db.execute("CREATE INDEX events_timestamp ON events (timestamp)")
    db.execute("CREATE INDEX events_capture ON events (capture)")


@migrations()
def m017_revisits(db: Database) -> None:
    # By the page whose parts they are: a crawl has thousands of parts.
    db.execute("DROP INDEX captures_parts")
    db.execute("CREATE INDEX captures_part_of ON captures (links ->> '$[0].found_on') WHERE role = 'part'")
    db.execute("ALTER TABLE articles ADD COLUMN fetched TEXT")
    db.execute("""
        UPDATE articles SET fetched = (
            SELECT min(e.timestamp) FROM extractions AS e JOIN captures ON captures.id = e.capture
            WHERE e.article = articles.id AND role = 'page'
            AND ((source IS NULL AND kind != 'resource') OR source LIKE 'urn:marbre:built-by:%'))""")
    # With last_seen: articles that were seen since a step of the plan are passed over without being looked at.
    db.execute("CREATE INDEX articles_fetched ON articles (site, fetched, last_seen) WHERE fetched IS NOT NULL")


@migrations()
def m018_hosts(db: Database) -> None:
    # Of the moment: no WARC file holds them, and they may be emptied at any time.
    db.execute("""
        CREATE TABLE hosts (
            host TEXT PRIMARY KEY,
            next_at REAL NOT NULL,
            delay REAL NOT NULL,
            slower REAL NOT NULL,
            blocked_until REAL NOT NULL,
            blocked_for REAL NOT NULL,
            why TEXT,
            errors REAL NOT NULL
        ) STRICT, WITHOUT ROWID""")
    db.execute("CREATE TABLE site_days (site TEXT PRIMARY KEY, day TEXT NOT NULL, requests INTEGER NOT NULL) STRICT")


@migrations()
def m019_rights(db: Database) -> None:
    db.execute("ALTER TABLE extractions ADD COLUMN rights TEXT NOT NULL DEFAULT '[]'")
    db.execute("CREATE INDEX extractions_rights ON extractions (article) WHERE rights != '[]'")
    db.execute("""
        CREATE TABLE rights_applied (
            site TEXT NOT NULL,
            moment TEXT NOT NULL,
            articles INTEGER NOT NULL,
            PRIMARY KEY (site, moment)
        ) STRICT, WITHOUT ROWID""")
    db.execute("""
        CREATE VIEW rights AS SELECT extractions.capture, article, extractions.timestamp, value ->> 0 AS claim,
            value ->> 1 AS value, value ->> 2 AS source, value ->> 3 AS agent
        FROM extractions, json_each(extractions.rights)""")


@migrations()
def m020_forgotten(db: Database) -> None:
    # Digests in place of addresses: the rule must not tell what it keeps out.
    db.execute("""
        CREATE TABLE forgotten (
            article TEXT PRIMARY KEY,
            site TEXT NOT NULL,
            reason TEXT NOT NULL,
            timestamp TEXT NOT NULL,
            run TEXT NOT NULL
        ) STRICT""")
    db.execute("""
        CREATE TABLE forgotten_addresses (
            digest TEXT PRIMARY KEY,
            article TEXT NOT NULL
        ) STRICT, WITHOUT ROWID""")
    db.execute("CREATE INDEX forgotten_addresses_article ON forgotten_addresses (article)")
    db.execute("""
        CREATE TABLE forgotten_records (
            id TEXT PRIMARY KEY,
            run TEXT NOT NULL
        ) STRICT, WITHOUT ROWID""")


@migrations()
def m021_runs(db: Database) -> None:
    outcomes = ", ".join(
        f"json_extract(counts, '$.{name}') AS \"{name}\""
        for name in ("due", "discovered", "new", "changed", "unchanged", "skipped", "rejected", "failed")
    )
    db.execute(f"""
        CREATE VIEW runs AS SELECT id, site, started, ended,
            round((julianday(ended) - julianday(started)) * 86400, 1) AS seconds, coalesce(reason, 'running') AS reason,
            {outcomes}, json_extract(counts, '$.reasons') AS reasons,
            (SELECT count(*) FROM captures WHERE crawl = crawls.id) AS fetched,
            (SELECT coalesce(sum(length), 0) FROM captures WHERE crawl = crawls.id) AS bytes,
            json_extract(counts, '$.sources') AS sources, versions
        FROM crawls""")


@migrations()
def m022_health(db: Database) -> None:
    for column in ("template TEXT", "lacks TEXT", "characters INTEGER", "language TEXT"):
        db.execute(f"ALTER TABLE extractions ADD COLUMN {column}")
    # What is known without reading the pages anew, as far back as health looks at every site.
    lacks = " || ".join(
        f"iif({column} IS NULL OR {column} = '[]', ' {name}', '')"
        for name, column in (
            *(("title", "title"), ("author", "authors"), ("date", "published")),
            *(("image", "image"), ("section", "section")),
        )
    )
    db.execute(f"""
        UPDATE extractions SET lacks = found.lacks, characters = found.characters, language = found.language
        FROM (SELECT capture, ltrim({lacks}) AS lacks, length(text) AS characters, language FROM articles
            WHERE last_seen >= (SELECT datetime(max(last_seen), '-180 days') FROM articles)) AS found
        WHERE extractions.capture = found.capture""")
    db.execute("""
        CREATE TABLE alarms (
            id INTEGER PRIMARY KEY,
            site TEXT NOT NULL,
            field TEXT NOT NULL,
            since TEXT NOT NULL,
            until TEXT,
            cause TEXT NOT NULL,
            detail TEXT NOT NULL,
            noticed TEXT NOT NULL,
            told TEXT NOT NULL DEFAULT '{}',
            tries TEXT NOT NULL DEFAULT '{}'
        ) STRICT""")
    db.execute("CREATE UNIQUE INDEX alarms_standing ON alarms (site, field) WHERE until IS NULL")
    db.execute("CREATE INDEX alarms_since ON alarms (since)")


@migrations()
def m023_damages(db: Database) -> None:
    # No reference to captures: a record that is none may be damaged, too.
    db.execute("""
        CREATE TABLE damages (
            filename TEXT NOT NULL,
            offset INTEGER NOT NULL,
            what TEXT NOT NULL,
            noticed TEXT NOT NULL,
            capture TEXT,
            article TEXT,
            PRIMARY KEY (filename, offset)
        ) STRICT""")
    db.execute("CREATE INDEX damages_capture ON damages (capture) WHERE capture IS NOT NULL")


_ARTICLE_FIELDS = {field.name: field.metadata["about"] for field in dataclasses.fields(Article)}

ABOUT: dict[str, tuple[str, dict[str, str]]] = {
    "articles": (
        "One row per article, as it stands now. Start here.",
        {
            "docid": "Number the full-text index knows the article by; made from the id.",
            "id": "Stable id of the article: a hash of the first canonical URL it was seen under.",
            "site": "Name of the site in sites.toml.",
            **_ARTICLE_FIELDS,
            "versions": "How many different versions the publisher has shown.",
            "first_seen": "When Marbre first captured it (UTC).",
            "last_seen": "When Marbre last captured it (UTC).",
            "fetched": "When Marbre first fetched its page itself (UTC); none if it is known only from an API, a web "
            "archive or a file.",
            "digest": "Digest of title, text, authors and day of publication, but for typography; equal "
            "means the same version.",
            "text_digest": "Digest of the text alone; equal under two articles means an exact duplicate.",
            "capture": "The capture these fields were read from; it leads to the WARC record.",
        },
    ),
    "versions": (
        "One row per version: a change of title, text, authors or day by the publisher, never by the extractor.",
        {
            "article": "The article.",
            "digest": "Digest of title, text, authors and day of publication of this version.",
            "first_seen": "When this version was first captured (UTC).",
            "last_seen": "When this version was last captured (UTC).",
            "title": _ARTICLE_FIELDS["title"],
            "authors": _ARTICLE_FIELDS["authors"],
            "published": _ARTICLE_FIELDS["published"],
            "modified": _ARTICLE_FIELDS["modified"],
            "text": _ARTICLE_FIELDS["text"],
            "text_digest": "Digest of the text alone.",
            "capture": "The newest capture that shows this version.",
            "previous": "Digest of the version before it; none for the first.",
            "changed": "What differs from the version before it: title, text, authors, published; as a JSON list.",
        },
    ),
    "captures": (
        "One row per HTTP answer kept in a WARC file: what a CDXJ index holds, and what discovery knew.",
        {
            "id": "WARC-Record-ID of the response, revisit or resource record.",
            "urlkey": "The URL in sortable form (SURT), for comparing.",
            "timestamp": "When it was captured (UTC): fetched by Marbre, or by whoever recorded it (see source).",
            "url": "The URL that was captured.",
            "status": "HTTP status code.",
            "mime": "Media type the server stated.",
            "digest": "Payload digest of the body as received (SHA-256, base32).",
            "kind": "response; revisit when the body was the same as in an earlier capture; or resource: made of "
            "another answer, such as one post of a REST API's page of posts.",
            "refers_to": "For a revisit: the capture that holds the body. For a resource: the answer it was made of.",
            "filename": "WARC file, in the folder warc/.",
            "offset": "Where the record begins in the file, in bytes.",
            "length": "Length of the record in the file, in bytes.",
            "crawl": "The crawl that fetched it.",
            "role": "What it was fetched for: page, part (a further page of an article), source (feed, sitemap, ...) "
            "or robots; page-source and subresource are what a browser built a page of.",
            "links": "What feeds, sitemaps and APIs said of the page when it was fetched (JSON).",
            "source": "Where the bytes come from if not from the URL itself: a web archive's replay, an imported file, "
            "urn:marbre:built-by:... for a page that a browser built; none if the site itself sent them to Marbre.",
        },
    ),
    "frontier": (
        "One row per URL and crawl: every URL a crawl discovered and what became of it.",
        {
            "crawl": "The crawl that discovered it.",
            "url": "The URL in canonical form.",
            "state": "queued, in_flight or done.",
            "outcome": "new, changed, unchanged, skipped, rejected or failed; none while not done.",
            "reason": "Why it was skipped, rejected or failed, in a word to count by.",
            "detail": "The same in a sentence.",
            "capture": "The capture it led to, if it was fetched.",
            "links": "The ways of discovery that named it, and what they said (JSON).",
        },
    ),
    "sources": (
        "One row per place a crawl asked for links: home page, feeds, sitemaps, REST API, listings.",
        {
            "crawl": "The crawl that asked.",
            "url": "The address it asked.",
            "kind": "home, feed, sitemap, rest, listing or cdx.",
            "outcome": "read, unchanged (as before), empty, failed, skipped (robots.txt), absent (guessed, not there) "
            "or closed (the API is not open to the public).",
            "links": "How many pages it named.",
            "claimed": "How many articles the site itself says it has there; none if it does not say.",
            "detail": "What went wrong, or why it was not asked.",
            "timestamp": "When it answered (UTC).",
        },
    ),
    "crawls": (
        "One row per run over one site.",
        {
            "id": "Id of the run; WARC files carry it in their names.",
            "site": "Name of the site in sites.toml.",
            "started": "When it began (UTC).",
            "ended": "When it ended (UTC); none while it runs.",
            "reason": "finished; stopped (by a signal), time, limit, disk or size; interrupted (the process died).",
            "counts": "How many URLs had which outcome; adds up to discovered (JSON).",
            "versions": "Versions of the programs that ran it (JSON).",
        },
    ),
    "rights": (
        "One row per statement of a page about its use; what files of the whole site say is in `marbre rights`.",
        {
            "capture": "The capture it was read in.",
            "article": "The article of that capture.",
            "timestamp": "When the page was captured (UTC).",
            "claim": "tdm-reservation, tdm-policy, robots:noai and the like, or licence.",
            "value": "What is said.",
            "source": "header or meta.",
            "agent": "Whom it speaks to; none if everybody.",
        },
    ),
    "rights_applied": (
        "One row for each time that what sites say now was applied to what is held (`marbre rights apply`).",
        {
            "site": "Name of the site in sites.toml.",
            "moment": "What was said up to then counts (UTC).",
            "articles": "How many articles were reserved by it that were not before.",
        },
    ),
    "runs": (
        "One row per run, with what came of it: the outcomes add up to discovered.",
        {
            "id": "Id of the run.",
            "site": "Name of the site in sites.toml.",
            "started": "When it began (UTC).",
            "ended": "When it ended (UTC); none while it runs.",
            "seconds": "How long it took.",
            "reason": "finished; stopped (by a signal), time, limit, disk or size; interrupted (the process died); "
            "running.",
            "due": "How many URLs were to be fetched; none of a run that was killed before that was known.",
            "discovered": "How many URLs were discovered, or left by an earlier run.",
            "new": "Articles that the archive did not have.",
            "changed": "Articles that the publisher had changed.",
            "unchanged": "Articles as they were.",
            "skipped": "URLs that were not to be fetched, or not yet.",
            "rejected": "Pages that are no articles.",
            "failed": "URLs that could not be had; the next run tries again.",
            "reasons": "Outcome and reason, and how many URLs had it (JSON).",
            "fetched": "How many exchanges are on record: pages, feeds, robots.txt, redirects.",
            "bytes": "What their records take in WARC files, in bytes.",
            "sources": "How many feeds, sitemaps and APIs gave which answer (JSON).",
            "versions": "Versions of the programs that ran it (JSON).",
        },
    ),
    "imports": (
        "One row per web archive file that was read with `marbre import`.",
        {
            "id": "Made of the source, its size and date, and the filters: the same file again is known by it.",
            "source": "Path or URL of the file.",
            "filename": "Where its records are read from: an absolute path, or a copy in the folder warc/.",
            "size": "Size of the file in bytes.",
            "filters": "What was asked for: hosts, dates, languages, statuses, media types (JSON).",
            "started": "When the import began (UTC).",
            "finished": "When the end of the file was reached (UTC); none while it was not.",
            "position": "How far the file has been read, in bytes; an import that was killed goes on from there.",
            "counts": "How many records were seen, imported and left out, and why; what was damaged (JSON).",
        },
    ),
    "profiles": (
        "One row per version of what was learnt of the templates of a site; the latest adopted is in use.",
        {
            "site": "The site.",
            "version": "Digest of what it says.",
            "adopted": "When its pages began to be read with it (UTC).",
            "templates": "How many templates of the site it knows.",
            "pages": "How many articles it was learnt from.",
            "document": "The templates, each with its marks and rules, and the selectors written by hand (JSON).",
        },
    ),
    "extractions": (
        "One row per page capture: what reading it gave.",
        {
            "capture": "The capture that was read.",
            "timestamp": "When the page was captured (UTC).",
            "extractor": "Version of the extraction that read it, and of the site's profile if it has one.",
            "outcome": "article, rejected (the page is not an article) or failed (it could not be read).",
            "reason": "Why it was rejected or failed, in a word to count by.",
            "detail": "The same in a sentence.",
            "canonical_url": _ARTICLE_FIELDS["canonical_url"],
            "shortlink": _ARTICLE_FIELDS["shortlink"],
            "article": "The article it belongs to.",
            "digest": "The version it shows.",
            "modified": "When the publisher says that what was read was last changed.",
            "address": "What the addresses of all its views share: without scheme, www., AMP, print or mobile view.",
            "api": "0: read from a page. 1: from a post as the REST API gave it. 2: the same, and a page of the same "
            "modification stands for it.",
            "asked": "What was asked for, as in address; by it a page that is gone is known to be an article's.",
            "answered": "What answered, after redirects, as in address.",
            "template": "Fingerprint of the page's template, Base64: nearly the same for two pages of one template.",
            "lacks": "Which of title, author, date, image and section were not found; none if it is no article.",
            "characters": "Length of the article's text in characters.",
            "language": _ARTICLE_FIELDS["language"],
            "walled": "0: to be read freely, or unknown. 1: behind a wall. 2: the same, cut short by it, so that a "
            "version that was whole stands for it.",
            "rights": "What the page says about its use: claim, value, source, agent (JSON).",
        },
    ),
    "events": (
        "What happened to an article after it was published: one row per event, with the capture that shows it.",
        {
            "article": "The article.",
            "timestamp": "When it was seen (UTC): it happened between the visit before and then.",
            "kind": "removed (404, 410, 451), redirected (to home page or list), moved (another article answers), "
            "soft_404 (a page says that it is gone), walled (behind a paywall or password), returned.",
            "url": "What answered.",
            "detail": "The same in a sentence.",
            "capture": "The capture that shows it.",
        },
    ),
    "alarms": (
        "What went wrong with a site or with one field of its articles: one row from when it began to when it ended.",
        {
            "id": "Number of the alarm.",
            "site": "Name of the site in sites.toml.",
            "field": "title, author, date, image, section, text, language; reading (pages that are no articles); pages "
            "(that could not be fetched); articles (how many there are); feed, sitemap, rest, home, listing; or site.",
            "since": "The first day it was so (UTC).",
            "until": "The first day it was well again; none while the alarm stands.",
            "cause": "template changed, same template, feed gone, blocked, robots closed, unreachable or silent.",
            "detail": "The same in a sentence, with figures.",
            "noticed": "When a check of the archive first found it (UTC).",
            "told": "Which channels of notification were told that it was opened or closed (JSON).",
            "tries": "How often in a row a channel could not be told of it (JSON).",
        },
    ),
    "forgotten": (
        "One row per article that was taken out of the archive for good (`marbre forget`).",
        {
            "article": "Its id, a hash of the address it was first seen under.",
            "site": "Name of the site in sites.toml.",
            "reason": "Why, in the words of whoever did it.",
            "timestamp": "When (UTC).",
            "run": "The run of `marbre forget` that did it; a WARC file has its name.",
        },
    ),
    "forgotten_addresses": (
        "By what a forgotten article is known if it comes again, under any of its addresses.",
        {
            "digest": "SHA-256, 32 hex digits, of what all views of an address share (see extractions.address).",
            "article": "The article.",
        },
    ),
    "forgotten_records": (
        "The records that were taken out of WARC files: others may refer to them still.",
        {"id": "WARC-Record-ID of the record that was there.", "run": "The run of `marbre forget` that did it."},
    ),
    "damages": (
        "Records that `marbre repair` found damaged or gone and could not mend; what was read of them stays.",
        {
            "filename": "WARC file, in the folder warc/.",
            "offset": "Where the record begins, or began, in bytes.",
            "what": "What is wrong with it.",
            "noticed": "When it was found (UTC).",
            "capture": "The capture that the record is, or belongs to; none if unknown.",
            "article": "What was read of it while it could be: the columns of an article, as JSON.",
        },
    ),
    "hosts": (
        "How each host is being asked, shared by all crawls at once; emptied at no cost but manners.",
        {
            "host": "Host name, with its port unless that is 80 or 443.",
            "next_at": "When it may be asked next, in seconds since 1970 (UTC).",
            "delay": "Seconds that the last request leaves after itself.",
            "slower": "Delay in seconds that 429 and 503 taught us; halved by every good answer.",
            "blocked_until": "Until when it is left alone, in seconds since 1970 (UTC).",
            "blocked_for": "For how many seconds that was meant to be.",
            "why": "rate_limited (it said so) or host_down (it did not answer).",
            "errors": "What failed in a row: 1 for no answer or a 5xx, less for a 4xx.",
        },
    ),
    "site_days": (
        "How much of its daily budget each site has spent (`requests_per_day` in sites.toml).",
        {"site": "The site.", "day": "The day (UTC).", "requests": "How many requests were sent to it."},
    ),
    "authors": ("One row per name found in a byline.", {"name": "The name as printed."}),
    "tags": ("One row per tag.", {"name": "The tag as printed."}),
    "article_authors": (
        "Who wrote what.",
        {"article": "The article.", "author": "The author.", "position": "Place in the byline, from 0."},
    ),
    "article_tags": (
        "Which article carries which tag.",
        {"article": "The article.", "tag": "The tag.", "position": "Place in the page's list, from 0."},
    ),
    "exact_duplicates": (
        "Articles whose text is the same as that of an article seen earlier, under another URL.",
        {"article": "The later article.", "original": "The article first seen with this text."},
    ),
    "duplicate_texts": (
        "One row per text of 40 words or more that an article has, for finding texts like it.",
        {
            "id": "Number of the text, made from its digest.",
            "text_digest": "The digest its articles have, too.",
            "words": "How many words it has, 20,000 at most.",
            "bands": "Its bands, 24 numbers of six bytes, as in duplicate_bands; then a byte of each of its 72 bins.",
        },
    ),
    "duplicate_bands": (
        "What each text is found by: texts that share a band are compared (MinHash).",
        {"key": "The band.", "text": "A text that has it (duplicate_texts)."},
    ),
    "duplicate_pairs": (
        "Texts that were compared and are copies of each other, whole or in part.",
        {
            "one": "A text (duplicate_texts).",
            "other": "The other text, whose number is greater.",
            "jaccard": "Share of the passages (five words on end) of both that are in both, 0 to 1.",
            "containment": "Share of the passages of the shorter one that are in the longer, 0 to 1.",
        },
    ),
    "duplicate_queue": (
        "Texts that have come or gone and are not compared yet; empty but in an archive made by an older Marbre.",
        {"text_digest": "Digest of the text."},
    ),
    "near_duplicates": (
        "The pairs of duplicate_pairs as articles; articles with the very same text are in exact_duplicates.",
        {
            "article": "An article.",
            "copy": "One with a text like it, wherever it was first.",
            "jaccard": "Share of the passages of both texts that are in both, 0 to 1.",
            "containment": "Share of the passages of the shorter text that are in the longer, 0 to 1.",
        },
    ),
}
