package dev.tokioj.net;

import dev.tokioj.quic.connection.Connection;
import dev.tokioj.quic.connection.ConnectionHandler;
import dev.tokioj.quic.connection.QuicConfig;
import dev.tokioj.quic.endpoint.EndpointConfig;
import dev.tokioj.runtime.EventLoop;
import dev.tokioj.runtime.net.UdpOptions;
import dev.tokioj.tls.TlsClientConfig;
import java.io.IOException;
import java.net.InetSocketAddress;

/** A client's part on one loop: a shard with one socket, and how its connections are made. Any thread, but for what is said. */
record ClientShard(Shard shard, ShardSocket socket, QuicConfig config, TlsClientConfig tls) {

    static ClientShard open(
            Resources resources, ShardSettings settings, QuicConfig config, TlsClientConfig tls, EventLoop loop)
            throws IOException {
        EndpointConfig endpoint = EndpointConfig.client();
        Shard shard = Shard.open(
                loop,
                settings,
                endpoint,
                Shard.Place.alone(endpoint, resources.random()),
                resources.random(),
                _ -> _ -> null);
        try {
            ShardSocket socket = shard.bind(UdpOptions.builder().build(), false);
            return new ClientShard(shard, socket, resources.listening(config), tls);
        } catch (IOException | RuntimeException e) {
            shard.close(0, "");
            throw e;
        }
    }

    /** Loop: begins a handshake. */
    Connection dial(InetSocketAddress remote, String serverName, ConnectionHandler handler) {
        return shard.connect(config, tls, serverName, socket.pathTo(remote), handler);
    }
}
