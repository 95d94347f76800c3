/** Datagram sockets of an event loop: batched through libc on Linux, over NIO everywhere else. */
@NullMarked
package dev.tokioj.runtime.net;

import org.jspecify.annotations.NullMarked;
