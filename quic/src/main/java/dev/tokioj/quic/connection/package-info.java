/** One QUIC connection, sans-IO: what it receives, decides, sends, and how it ends (RFC 9000, 9001, 9002). */
@NullMarked
package dev.tokioj.quic.connection;

import org.jspecify.annotations.NullMarked;
