<?php
// php seed.php ROOT PLAN: puts the authors, sections, pictures and posts of a plan (posts.py) into WordPress.
define('WP_IMPORTING', true); // no pings
[, $root, $file] = $argv;
require "$root/wp-load.php";
require ABSPATH . 'wp-admin/includes/image.php';

$plan = json_decode(file_get_contents($file), true, flags: JSON_THROW_ON_ERROR);
wp_set_current_user(1); // an administrator may write iframes
wp_defer_term_counting(true);
wp_defer_comment_counting(true);
$wpdb->query('START TRANSACTION');
$authors = array_map(add_author(...), $plan['authors']);
$sections = add_sections($plan['sections']);
$pictures = array_map(add_picture(...), $plan['pictures']);
$posts = [];
foreach ($plan['posts'] as $post) {
    $posts[] = add_post($post);
}
wp_defer_term_counting(false);
wp_defer_comment_counting(false);
$wpdb->query('COMMIT');
flush_rewrite_rules();
echo count($posts), "\n";

function sure(mixed $made): int
{
    if (is_wp_error($made) || !$made) {
        throw new RuntimeException(is_wp_error($made) ? $made->get_error_message() : 'WordPress made nothing');
    }
    return (int) $made;
}

function add_author(array $author): int
{
    return sure(wp_insert_user([
        'user_login' => $author['login'],
        'display_name' => $author['name'],
        'nickname' => $author['name'],
        'user_email' => $author['login'] . '@gazette.example',
        'user_pass' => wp_generate_password(),
        'role' => 'author',
    ]));
}

/** Sections by name; a parent stands before its children. */
function add_sections(array $sections): array
{
    $ids = [];
    foreach ($sections as $section) {
        $parent = $section['parent'] === null ? 0 : $ids[$section['parent']];
        $made = wp_insert_term($section['name'], 'category', ['parent' => $parent]);
        $ids[$section['name']] = sure(is_wp_error($made) ? $made : $made['term_id']);
    }
    return $ids;
}

/** Paints a small landscape and hands it to the media library. */
function add_picture(array $picture): int
{
    [$width, $height, $tone] = [$picture['width'], $picture['height'], $picture['tone']];
    $image = imagecreatetruecolor($width, $height);
    imagefill($image, 0, 0, imagecolorallocate($image, 120 + $tone, 160, 220 - $tone));
    $hill = imagecolorallocate($image, 60, 90 + $tone, 50);
    imagefilledellipse($image, intdiv($width, 3), $height, $width, $height, $hill);
    imagefilledellipse($image, $width, $height, $width, intdiv($height, 2) + $tone, $hill);
    $file = wp_upload_dir()['path'] . '/' . $picture['file'];
    imagejpeg($image, $file, 60);
    $id = sure(wp_insert_attachment(wp_slash([
        'post_title' => $picture['caption'],
        'post_excerpt' => $picture['caption'],
        'post_mime_type' => 'image/jpeg',
        'post_status' => 'inherit',
    ]), $file));
    update_post_meta($id, '_wp_attachment_image_alt', wp_slash($picture['alt']));
    wp_update_attachment_metadata($id, wp_generate_attachment_metadata($id, $file));
    return $id;
}

/** {{post 3}}, {{picture 2 large}} ... -> what WordPress knows of the posts and pictures that are there already. */
function fill(string $content): string
{
    return preg_replace_callback('/\{\{(\w+) (\d+) ?(\w*)\}\}/', function (array $found): string {
        [, $kind, $index, $what] = $found;
        $id = $kind === 'post' ? $GLOBALS['posts'][$index] : $GLOBALS['pictures'][$index];
        return match (true) {
            $kind === 'post' => get_permalink($id),
            $what === 'id' => (string) $id,
            $what === 'page' => get_attachment_link($id),
            default => wp_get_attachment_image_url($id, $what),
        };
    }, $content);
}

function add_post(array $post): int
{
    $gone = $post['status'] === 'trash';
    // wp_insert_post dates a change when it is called; a year of changes is wanted.
    $dates = fn (array $data): array => [
        ...$data,
        'post_modified' => $post['modified'],
        'post_modified_gmt' => get_gmt_from_date($post['modified']),
    ];
    add_filter('wp_insert_post_data', $dates);
    $id = sure(wp_insert_post(wp_slash([
        'post_type' => $post['type'],
        'post_status' => $gone ? 'publish' : $post['status'],
        'post_title' => $post['title'],
        'post_name' => $post['slug'],
        'post_content' => fill($post['content']),
        'post_excerpt' => $post['excerpt'],
        'post_author' => $GLOBALS['authors'][$post['author']],
        'post_date' => $post['published'],
        'post_password' => $post['password'],
        'post_category' => array_map(fn (string $name): int => $GLOBALS['sections'][$name], $post['sections']),
        'tags_input' => $post['tags'],
        'comment_status' => 'open',
    ]), true));
    remove_filter('wp_insert_post_data', $dates);
    if ($post['picture'] !== null) {
        set_post_thumbnail($id, $GLOBALS['pictures'][$post['picture']]);
    }
    if ($post['sticky']) {
        stick_post($id);
    }
    foreach ($post['comments'] as $comment) {
        sure(wp_insert_comment(wp_slash([
            'comment_post_ID' => $id,
            'comment_author' => $comment['author'],
            'comment_content' => $comment['text'],
            'comment_date' => $post['modified'],
            'comment_approved' => 1,
        ])));
    }
    if ($gone) {
        wp_trash_post($id);
    }
    return $id;
}
