<?php
// php change.php ROOT WHAT ID [VALUE]: what an editor does to one post.
[, $root, $what, $id] = $argv;
$value = $argv[4] ?? '';
require "$root/wp-load.php";
wp_set_current_user(1);
$post = get_post((int) $id) ?? throw new RuntimeException("no post $id");
$fields = match ($what) {
    'add' => ['post_content' => $post->post_content . "\n\n<p>$value</p>"],
    'title' => ['post_title' => $value],
    'section' => ['post_category' => [get_cat_ID($value) ?: throw new RuntimeException("no section $value")]],
    'touch' => [],
};
$made = wp_update_post(wp_slash(['ID' => $post->ID, ...$fields]), true);
if (is_wp_error($made)) {
    throw new RuntimeException($made->get_error_message());
}
