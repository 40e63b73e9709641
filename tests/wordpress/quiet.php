<?php
// Must-use plugin of the WordPress under test: no mail, no HTTP request of any kind, few image sizes.
add_filter('pre_wp_mail', '__return_true');
add_filter('pre_http_request', fn () => new WP_Error('http_request_block', 'this WordPress makes no requests'));
add_filter('intermediate_image_sizes_advanced', fn (array $sizes) => array_intersect_key($sizes, ['medium' => 1, 'large' => 1]));
