/** Many connections behind one set of sockets: demultiplexing, acceptance, tokens, stateless answers (RFC 9000 5, 8, 10.3). */
@NullMarked
package dev.tokioj.quic.endpoint;

import org.jspecify.annotations.NullMarked;
