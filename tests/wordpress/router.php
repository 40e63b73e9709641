<?php
// Router of PHP's built-in server: files as they are, all else to WordPress, and an access log of our own that is
// complete the moment a response ends (the built-in server writes its log after that).

$root = rtrim($_SERVER['DOCUMENT_ROOT'], '/');
$path = rawurldecode(parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH) ?? '/');

register_shutdown_function(function (): void {
    $line = sprintf("%s %d %s\n", $_SERVER['REQUEST_METHOD'], http_response_code(), $_SERVER['REQUEST_URI']);
    file_put_contents(getenv('MARBRE_ACCESS_LOG'), $line, FILE_APPEND | LOCK_EX);
});

$file = realpath($root . $path);
$inside = $file !== false && str_starts_with($file, $root . '/');
if ($inside && is_file($file) && !str_ends_with($file, '.php')) {
    return false;
}
$script = '/index.php';
if ($inside && is_file($file)) {
    $script = substr($file, strlen($root));
} elseif ($inside && is_file($file . '/index.php')) {
    $script = substr($file, strlen($root)) . '/index.php';
}
$_SERVER['SCRIPT_NAME'] = $_SERVER['PHP_SELF'] = $script;
$_SERVER['SCRIPT_FILENAME'] = $root . $script;
unset($_SERVER['PATH_INFO']);
chdir(dirname($root . $script));
require $root . $script;
