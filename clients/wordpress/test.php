<?php
/**
 * Checks keeneye.php without WordPress, whose few functions that it uses are played here.
 *
 *   php test.php                  checks which requests are led where
 *   php test.php request < JSON   makes one request as WordPress would: {"constants":{}, "url":"", "args":{}}, bodies in
 *                                 base64; answers in the same way
 */

class WP_Error {
	public $code;
	public $message;

	public function __construct( $code, $message ) {
		$this->code    = $code;
		$this->message = $message;
	}
}

$filters = array();

function add_filter( $name, $filter, $priority, $arguments ) {
	$GLOBALS['filters'][ $name ][] = $filter;
}

/** Asks the filters first and checks the address only then, as WP_Http::request() does. */
function wp_remote_request( $url, $args ) {
	$args  += array( 'method' => 'GET', 'headers' => array(), 'body' => '', 'timeout' => 5, 'reject_unsafe_urls' => false );
	$answer = false;
	foreach ( $GLOBALS['filters']['pre_http_request'] as $filter ) {
		$answer = $filter( $answer, $args, $url );
	}
	if ( false !== $answer ) {
		return $answer;
	}
	return $args['reject_unsafe_urls'] ? new WP_Error( 'http_request_failed', 'unsafe' ) : send( $url, $args );
}

function send( $url, $args ) {
	// Whatever goes wrong with the plugin, its test asks nothing of a vendor.
	if ( ! preg_match( '#^https?://127\.#', $url ) ) {
		return new WP_Error( 'elsewhere', $url );
	}
	$headers = array( 'Connection: close' );
	foreach ( $args['headers'] as $name => $value ) {
		$headers[] = "$name: $value";
	}
	$http    = array(
		'method'           => $args['method'],
		'header'           => $headers,
		'content'          => $args['body'],
		'timeout'          => $args['timeout'],
		'protocol_version' => (float) ( $args['httpversion'] ?? '1.0' ),
		'ignore_errors'    => true,
		'follow_location'  => 0,
	);
	$ssl     = array( 'cafile' => $args['sslcertificates'] ?? null );
	$context = stream_context_create( array( 'http' => $http, 'ssl' => array_filter( $ssl ) ) );
	$body    = @file_get_contents( $url, false, $context );
	if ( false === $body ) {
		return new WP_Error( 'http_request_failed', error_get_last()['message'] );
	}
	preg_match( '/ (\d+)/', $http_response_header[0], $status );
	return array( 'code' => (int) $status[1], 'headers' => $http_response_header, 'body' => $body );
}

require __DIR__ . '/keeneye.php';

if ( 'request' === ( $argv[1] ?? '' ) ) {
	$asked = json_decode( stream_get_contents( STDIN ), true );
	foreach ( $asked['constants'] as $name => $value ) {
		define( $name, $value );
	}
	$asked['args']['body'] = base64_decode( $asked['args']['body'] ?? '' );
	$answer                = wp_remote_request( $asked['url'], $asked['args'] );
	if ( is_array( $answer ) ) {
		$answer['body'] = base64_encode( $answer['body'] );
	}
	echo json_encode( $answer );
	exit( 0 );
}

$failures = 0;

function check( $what, $expected, $found ) {
	if ( $expected === $found ) {
		return;
	}
	++$GLOBALS['failures'];
	printf( "%s\n  expected %s\n  found    %s\n", $what, var_export( $expected, true ), var_export( $found, true ) );
}

$plain = 'http://10.0.0.5:8080';
$moved = array(
	// What is asked, KEENEYE_URL, where it goes.
	array( 'https://api.shortpixel.com/v2/reducer.php', $plain, "$plain/v2/reducer.php" ),
	array( 'http://api.shortpixel.com/v2/api-status.php?key=a%20b&host=c', $plain, "$plain/v2/api-status.php?key=a%20b&host=c" ),
	array( 'http://api.shortpixel.com/img/connection-test-image.png', $plain, "$plain/img/connection-test-image.png" ),
	array( 'https://optimize.exactlywww.com/v3/retrieve/?id=7', $plain, "$plain/v3/retrieve/?id=7" ),
	array( 'https://API.exactlywww.NET/verify/', $plain, "$plain/verify/" ),
	array( 'https://optimize.exactlywww.com', $plain, "$plain/" ),
	array( 'https://api.megaoptim.com/v1/optimize/12-ab/result?timeout=60', $plain, "$plain/v1/optimize/12-ab/result?timeout=60" ),
	array( 'https://api.megaoptim.com/ping', $plain, "$plain/ping" ),
	array( 'https://app.megaoptim.com/api/register', $plain, "$plain/api/register" ),
	// Behind a proxy that serves it below a path.
	array( 'https://api.megaoptim.com/ping', 'https://example.org/keeneye/', 'https://example.org/keeneye/ping' ),
	array( 'http://example.org/keeneye/f/abc', 'https://example.org/keeneye', 'https://example.org/keeneye/f/abc' ),
	// Links of its own, in the scheme that it speaks.
	array( 'https://10.0.0.5:8080/f/abc', $plain, "$plain/f/abc" ),
	array( 'http://img.test:8443/f/abc?x=1', 'https://IMG.test:8443', 'https://img.test:8443/f/abc?x=1' ),
	array( 'http://img.test/f/abc', 'https://img.test', 'https://img.test/f/abc' ),
	array( 'https://img.test:443/f/abc', 'https://img.test', 'https://img.test/f/abc' ),
	array( 'http://[::1]:8080/f/abc', 'http://[::1]:8080', 'http://[::1]:8080/f/abc' ),
);
foreach ( $moved as list( $url, $base, $expected ) ) {
	check( "$url with $base", $expected, Keeneye\target( $url, Keeneye\server( $base ) ) );
}

$left = array(
	array( 'https://api.wordpress.org/core/version-check/1.7/', $plain ),
	array( 'https://shortpixel.com/v2/reducer.php', $plain ),
	array( 'https://api.shortpixel.com.example.org/v2/reducer.php', $plain ),
	array( 'https://example.org/?u=https://api.shortpixel.com/v2/reducer.php', $plain ),
	array( 'https://optimize.exactlywww.com/exactdn/activate.php', $plain ),
	array( 'https://app.megaoptim.com/login', $plain ),
	array( 'http://10.0.0.5/wp-cron.php', $plain ),
	array( 'https://example.org/wp-cron.php', 'https://example.org/keeneye' ),
	array( 'https://example.org/keeneye-news/', 'https://example.org/keeneye' ),
	array( '/v2/reducer.php', $plain ),
	array( 'http:///', $plain ),
);
foreach ( $left as list( $url, $base ) ) {
	check( "$url with $base", null, Keeneye\target( $url, Keeneye\server( $base ) ) );
}

foreach ( array( '', 'img.test', 'ftp://img.test', '10.0.0.5:8080', 'http://', 'https://a.test/?b', 'https://u:p@a.test' ) as $wrong ) {
	check( "KEENEYE_URL $wrong", null, Keeneye\server( $wrong ) );
}

$given = array( 'method' => 'POST', 'timeout' => 300, 'blocking' => false, 'stream' => true, 'filename' => '/tmp/a' );
check( 'arguments', $given + array( 'reject_unsafe_urls' => false ), Keeneye\arguments( $given ) );
check( 'another plugin has answered', 'its answer', Keeneye\redirect( 'its answer', array(), 'https://api.megaoptim.com/ping' ) );
check( 'without KEENEYE_URL', false, Keeneye\redirect( false, array(), 'https://api.megaoptim.com/ping' ) );

exit( $failures > 0 ? 1 : 0 );
