/** The TLS 1.3 handshake (RFC 8446) as QUIC uses it (RFC 9001): bytes in, bytes and secrets out. */
@NullMarked
package dev.tokioj.tls;

import org.jspecify.annotations.NullMarked;
