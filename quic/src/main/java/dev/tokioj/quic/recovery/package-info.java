/**
 * Loss detection, acknowledgements and congestion control of one connection (RFC 9002, RFC 9000 section 13). Nothing here reads
 * a clock or writes a packet: times are nanoseconds of a monotonic clock passed in, and one thread owns every object.
 */
@NullMarked
package dev.tokioj.quic.recovery;

import org.jspecify.annotations.NullMarked;
