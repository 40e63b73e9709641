<?php
// Must-use plugin of the WordPress under test: switches a way of discovery off, as plugins, caches and careful owners
// do. MARBRE_SWITCHES names a file with one switch a line; it is read at every request.
$switches = getenv('MARBRE_SWITCHES') ?: '';
$on = is_file($switches) ? array_flip(file($switches, FILE_IGNORE_NEW_LINES | FILE_SKIP_EMPTY_LINES)) : [];

add_filter('wp_sitemaps_max_urls', fn () => 400); // three files and more, as a site of some years has

if (isset($on['rest-401'])) {
    add_filter('rest_authentication_errors', fn () => new WP_Error('rest_login_required', 'Closed.', ['status' => 401]));
}
if (isset($on['rest-html'])) {
    add_action('parse_request', function (WP $wp): void {
        if (isset($wp->query_vars['rest_route'])) {
            status_header(200);
            header('Content-Type: text/html; charset=utf-8');
            exit('<!DOCTYPE html><title>Access denied</title><p>Your request looks automated.');
        }
    }, 1);
}
if (isset($on['feed-ignores-paged'])) {
    add_action('pre_get_posts', function (WP_Query $query): void {
        if ($query->is_feed()) {
            $query->set('paged', 1);
        }
    });
}
if (isset($on['no-feeds'])) {
    remove_action('wp_head', 'feed_links', 2);
    remove_action('wp_head', 'feed_links_extra', 3);
    add_action('template_redirect', fn () => is_feed() ? wp_die('No feeds.', '', ['response' => 404]) : null);
}
if (isset($on['a-sitemap-missing'])) {
    add_action('parse_request', function (WP $wp): void {
        if (($wp->query_vars['sitemap'] ?? '') === 'posts' && ($wp->query_vars['paged'] ?? '') === '2') {
            wp_die('Lost.', '', ['response' => 404]);
        }
    }, 1);
}
if (isset($on['no-sitemaps'])) {
    add_filter('wp_sitemaps_enabled', '__return_false');
}
if (isset($on['furniture'])) {
    // What a site's own plugins add to every article, and to what its API does not give: names that nobody knows.
    add_filter('the_content', function (string $content): string {
        if (!is_singular('post') || !in_the_loop()) {
            return $content;
        }
        $box = '<div class="courrier-du-matin"><p>Recevez chaque matin à sept heures les nouvelles du canton dans '
            . 'votre boîte, avec la météo du jour et les menus des cantines.</p></div>';
        $parts = explode('</p>', $content, 3);
        $content = count($parts) === 3 ? "$parts[0]</p>$parts[1]</p>$box$parts[2]" : "$content$box";
        return $content . '<p>Vous avez vu une erreur dans cet article ? Écrivez au journal, place de la Mairie.</p>'
            . '<p>Le Journal du canton vit de ses abonnements et des annonces légales, et de rien d’autre.</p>';
    }, 99);
    add_filter('the_title', fn (string $title): string =>
        is_singular('post') && in_the_loop() ? "$title ~ Le Journal du canton" : $title);
    add_filter('document_title_parts', fn (array $parts): array => [...$parts, 'site' => 'Le Journal du canton']);
}
