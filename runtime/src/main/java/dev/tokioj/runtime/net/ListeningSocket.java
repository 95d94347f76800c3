package dev.tokioj.runtime.net;

import dev.tokioj.runtime.EventLoop;
import dev.tokioj.runtime.IoRegistration;
import java.io.IOException;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/** A listening socket as the system knows it, in non-blocking mode. Any thread. */
sealed interface ListeningSocket permits LinuxListeningSocket, NioListeningSocket {
    /** Where to wait for it; closing that closes the socket, on the loop. */
    IoRegistration io();

    InetSocketAddress local();

    /** A connection for this loop; null if none waits. */
    @Nullable TcpSocket accept(EventLoop loop) throws IOException;
}
