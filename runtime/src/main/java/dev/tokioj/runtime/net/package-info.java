/** Sockets of event loops, datagrams, TCP and TLS: through libc on Linux, over NIO everywhere else. */
@NullMarked
package dev.tokioj.runtime.net;

import org.jspecify.annotations.NullMarked;
