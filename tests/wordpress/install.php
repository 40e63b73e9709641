<?php
// php install.php ROOT THEME: WordPress's own installation, in French, without its sample posts.
define('WP_INSTALLING', true);
[, $root] = $argv; // WordPress uses $theme itself
require "$root/wp-load.php";

// WordPress asks for this function before it takes its own: the default category is all that is wanted.
function wp_install_defaults(int $user): void
{
    wp_insert_term('Non classé', 'category');
}

require ABSPATH . 'wp-admin/includes/upgrade.php';
wp_install('La Gazette de la Sauldraie', 'admin', 'redaction@gazette.example', true, '', wp_generate_password(), 'fr_FR');
update_option('WPLANG', 'fr_FR');
update_option('timezone_string', 'Europe/Paris');
update_option('blogdescription', 'Le journal des vallées, des ports & des plateaux');
update_option('date_format', 'j F Y');
update_option('time_format', 'H\hi');
update_option('default_pingback_flag', '');
update_option('default_ping_status', 'closed');
update_option('template', $argv[2]);
update_option('stylesheet', $argv[2]);
$GLOBALS['wp_rewrite']->set_permalink_structure('/%category%/%postname%/');
