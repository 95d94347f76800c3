/**
 * Streams and their flow control (RFC 9000 sections 2 to 4). Nothing here reads a clock or a socket, and one thread owns every
 * object.
 */
@NullMarked
package dev.tokioj.quic.stream;

import org.jspecify.annotations.NullMarked;
