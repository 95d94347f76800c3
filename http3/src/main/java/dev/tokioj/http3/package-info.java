/** HTTP/3 (RFC 9114) on the streams of a QUIC connection, sans-IO. */
@NullMarked
package dev.tokioj.http3;

import org.jspecify.annotations.NullMarked;
