<?php
// php truth.php ROOT: what WordPress holds, one JSON object a line, whatever the status of the post.
[, $root] = $argv;
require "$root/wp-load.php";

// What newsrooms write before a link to another of their articles.
const READ_ALSO = '/^(?:à\s+)?lire\s+(?:aussi|également)\s*(?::|$)/iu';
// Elements whose text a reader takes for one line.
const LINES = './/*[self::p or self::h2 or self::h3 or self::h4 or self::h5 or self::h6 or self::li]';
const ASIDE = 'ancestor::figure or ancestor::*[contains(@class, "wp-caption") or contains(@class, "gallery")]'
    . ' or ancestor::blockquote[contains(@class, "wp-embedded-content")]';

$query = new WP_Query([
    'post_type' => ['post', 'page'],
    'post_status' => ['publish', 'future', 'draft', 'pending', 'private', 'trash'],
    'posts_per_page' => -1,
    'ignore_sticky_posts' => true,
]);
while ($query->have_posts()) {
    $query->the_post();
    echo json_encode(describe(get_post()), JSON_UNESCAPED_UNICODE | JSON_UNESCAPED_SLASHES | JSON_THROW_ON_ERROR), "\n";
}

/** The post as its own page renders it. */
function rendered(string $content): string
{
    // Blocks in one post move WordPress's paragraph filter behind its neighbours for every later post of the same
    // process (captions then land inside <p>); a page shows one post, so each begins with the filters as they were.
    static $filters = null;
    $filters ??= clone $GLOBALS['wp_filter']['the_content'];
    $GLOBALS['wp_filter']['the_content'] = clone $filters;
    return apply_filters('the_content', $content);
}

function plain(string $html): string
{
    return html_entity_decode($html, ENT_QUOTES | ENT_HTML5);
}

/** Names of a post's sections or tags: WordPress keeps them with entities. */
function names(WP_Post $post, string $taxonomy): array
{
    return array_map(plain(...), wp_get_post_terms($post->ID, $taxonomy, ['fields' => 'names']));
}

function describe(WP_Post $post): array
{
    return [
        'id' => $post->ID,
        'type' => $post->post_type,
        'status' => $post->post_status,
        'public' => $post->post_status === 'publish' && $post->post_password === '',
        'permalink' => get_permalink($post),
        'title' => plain(get_the_title($post)),
        'author' => get_the_author(),
        'section' => section($post),
        'sections' => names($post, 'category'),
        'tags' => names($post, 'post_tag'),
        'image' => get_the_post_thumbnail_url($post, 'full') ?: null,
        'published' => get_post_datetime($post)->format('c'),
        'modified' => get_post_datetime($post, 'modified')->format('c'),
        'excerpt' => $post->post_excerpt,
        'pages' => count($GLOBALS['pages']),
        'paragraphs' => lines(rendered($post->post_content)),
        'first_page' => lines(rendered($GLOBALS['pages'][0] ?? '')),
    ];
}

/** The section in the permalink: WordPress takes the oldest of a post's. */
function section(WP_Post $post): ?string
{
    $sections = wp_list_sort(get_the_category($post->ID), 'term_id');
    return $sections ? plain($sections[0]->name) : null;
}

/** The article's own paragraphs, subheadings and list items, one string each, NBSP kept. */
function lines(string $html): array
{
    $page = new DOMDocument();
    $page->loadHTML("<?xml encoding=\"utf-8\"?><body>$html</body>", LIBXML_NOERROR);
    $xpath = new DOMXPath($page);
    $lines = [];
    $pointing = false; // just below a line "À lire aussi :"
    $pointers = null; // the list that stands there
    foreach ($xpath->query(LINES) as $element) {
        $text = text($element);
        if ($text === '' || $xpath->evaluate(ASIDE, $element)) {
            continue;
        }
        if ($pointing && $element->nodeName === 'li') {
            $pointers = $element->parentNode;
        }
        $pointing = (bool) preg_match(READ_ALSO, $text);
        if (!$pointing && !($pointers && $pointers->isSameNode($element->parentNode))) {
            $lines[] = $text;
        }
    }
    return $lines;
}

function text(DOMElement $element): string
{
    $text = '';
    foreach ((new DOMXPath($element->ownerDocument))->query('.//text() | .//br', $element) as $node) {
        $text .= $node->nodeName === 'br' ? ' ' : $node->nodeValue;
    }
    return trim(preg_replace('/[ \t\r\n]+/', ' ', $text));
}
