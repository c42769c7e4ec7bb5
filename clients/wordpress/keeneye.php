<?php
/**
 * Plugin Name: Keeneye
 * Description: Sends the images of ShortPixel, EWWW Image Optimizer and MegaOptim to a Keeneye server of your own.
 * Version: 0.1.0
 * Requires at least: 5.0
 * Requires PHP: 7.4
 * License: MIT
 *
 * One file for wp-content/mu-plugins; README.md beside it says how it is set up. It stands between those plugins and the
 * network, so that nothing of them has to be changed. The MIT license lets it be used together with what is under the GPL.
 */

namespace Keeneye;

/**
 * What is Keeneye's to answer: hosts, and of each the beginnings of paths. What else these plugins ask of their vendors
 * (content delivery, help, news) still goes to them.
 */
const REDIRECTED = array(
	'api.shortpixel.com'       => array( '/' ),
	'optimize.exactlywww.com'  => array( '/' ),
	'api.exactlywww.net'       => array( '/' ),
	'api.megaoptim.com'        => array( '/' ),
	'app.megaoptim.com'        => array( '/api/register' ),
);

/** Paths on those hosts that are not: EWWW's content delivery network is administered there. */
const LEFT_ALONE = array( '/exactdn/' );

/**
 * @param string $address of KEENEYE_URL.
 * @return array|null its parts: scheme, host, port (null for the scheme's own) and path, without a slash at its end;
 *                    null where it is no address of a server.
 */
function server( $address ) {
	$parts = parse_url( trim( $address ) );
	$plain = is_array( $parts ) && ! array_diff( array_keys( $parts ), array( 'scheme', 'host', 'port', 'path' ) );
	if ( ! $plain || ! isset( $parts['scheme'], $parts['host'] ) ) {
		return null;
	}
	$scheme = strtolower( $parts['scheme'] );
	if ( ! in_array( $scheme, array( 'http', 'https' ), true ) ) {
		return null;
	}
	return array(
		'scheme' => $scheme,
		'host'   => strtolower( $parts['host'] ),
		'port'   => own_port( $parts ),
		'path'   => rtrim( $parts['path'] ?? '', '/' ),
	);
}

/** @return int|null the port, unless it is that of http or https anyway. */
function own_port( $parts ) {
	$port = $parts['port'] ?? null;
	return in_array( $port, array( 80, 443 ), true ) ? null : $port;
}

/**
 * @param string $url    of a request.
 * @param array  $server see server().
 * @return string|null where the request goes instead; null where it is none of ours.
 */
function target( $url, $server ) {
	$parts = parse_url( $url );
	if ( ! is_array( $parts ) || ! isset( $parts['host'] ) ) {
		return null;
	}
	$parts += array( 'path' => '/' );
	$base   = $server['scheme'] . '://' . $server['host'] . ( $server['port'] ? ':' . $server['port'] : '' );
	$query  = isset( $parts['query'] ) ? '?' . $parts['query'] : '';
	if ( is_vendors( $parts ) ) {
		return $base . $server['path'] . $parts['path'] . $query;
	}
	return is_servers( $parts, $server ) ? $base . $parts['path'] . $query : null;
}

function is_vendors( $parts ) {
	foreach ( LEFT_ALONE as $beginning ) {
		if ( 0 === strpos( $parts['path'], $beginning ) ) {
			return false;
		}
	}
	foreach ( REDIRECTED[ strtolower( $parts['host'] ) ] ?? array() as $beginning ) {
		if ( 0 === strpos( $parts['path'], $beginning ) ) {
			return true;
		}
	}
	return false;
}

/**
 * Links that the server handed out are asked of it in the scheme that it speaks: ShortPixel changes that of all its
 * downloads to the one by which it reached its vendor's test image.
 */
function is_servers( $parts, $server ) {
	return strtolower( $parts['host'] ) === $server['host']
		&& own_port( $parts ) === $server['port']
		&& 0 === strpos( $parts['path'], $server['path'] . '/' );
}

/** The request's arguments, but for what WordPress would hold against a server on a private network. */
function arguments( $args ) {
	// Downloads are refused from private addresses and odd ports, which is where such a server is at home.
	$args['reject_unsafe_urls'] = false;
	if ( defined( 'KEENEYE_CA' ) ) {
		$args['sslverify']       = true;
		$args['sslcertificates'] = \KEENEYE_CA;
	}
	return $args;
}

/**
 * Filter `pre_http_request`: answers a request to a vendor with what Keeneye says to it.
 *
 * @param false|array|\WP_Error $answer of another plugin, which then stands.
 * @param array                 $args   method, headers, body, timeout and all else that goes along unchanged.
 * @param string                $url    that was asked for.
 * @return false|array|\WP_Error false lets the request go where it was going.
 */
function redirect( $answer, $args, $url ) {
	static $on_its_way = null;
	if ( false !== $answer || ! defined( 'KEENEYE_URL' ) || $url === $on_its_way ) {
		return $answer;
	}
	$server = server( \KEENEYE_URL );
	if ( null === $server ) {
		return refusal( $url );
	}
	$target = target( $url, $server );
	if ( null === $target ) {
		return false;
	}
	$outer      = $on_its_way;
	$on_its_way = $target;
	try {
		return wp_remote_request( $target, arguments( $args ) );
	} finally {
		$on_its_way = $outer;
	}
}

/** Whoever keeps images to themselves would not want a typing error to send them to the vendor. */
function refusal( $url ) {
	$parts = parse_url( $url );
	if ( ! is_array( $parts ) || ! isset( $parts['host'] ) || ! is_vendors( $parts + array( 'path' => '/' ) ) ) {
		return false;
	}
	return new \WP_Error( 'keeneye_url', 'KEENEYE_URL must be an address such as https://images.example.org.' );
}

add_filter( 'pre_http_request', __NAMESPACE__ . '\redirect', 10, 3 );
