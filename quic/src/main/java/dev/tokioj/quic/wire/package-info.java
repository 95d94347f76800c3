/**
 * What QUIC puts on the wire: packets, frames, transport parameters and their numbers (RFC 8999, RFC 9000). Every type here is
 * either immutable or a view that one thread owns; nothing reads a clock, a socket or a random source of its own.
 */
@NullMarked
package dev.tokioj.quic.wire;

import org.jspecify.annotations.NullMarked;
