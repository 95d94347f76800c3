/**
 * Packet protection (RFC 9001 sections 5 and 6): keys, header protection, key updates, Retry integrity, all through JCA on byte
 * arrays. Every object here belongs to one connection and its owner's thread.
 */
@NullMarked
package dev.tokioj.quic.crypto;

import org.jspecify.annotations.NullMarked;
