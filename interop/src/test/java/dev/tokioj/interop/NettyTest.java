package dev.tokioj.interop;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.netty.handler.codec.quic.Quic;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Netty's client and server. */
final class NettyTest {
    @TempDir
    static Path temporary;

    private static Site site;

    @BeforeAll
    static void site() throws Exception {
        if (!Quic.isAvailable()) {
            String message = "Netty's native QUIC does not load here: " + Quic.unavailabilityCause();
            if ("true".equals(System.getenv("CI"))) {
                Assertions.fail(message);
            }
            Assumptions.abort(message);
        }
        site = Site.in(temporary);
    }

    /** Not a test of ours: when this fails, the two below say nothing about us. */
    @Test
    void nettyFetchesFromItself() throws Exception {
        try (NettyPeer netty = new NettyPeer()) {
            int port = netty.serve(site, "127.0.0.1");
            Path out = temporary.resolve("self-medium.bin");
            assertEquals("200", netty.fetch(site, new InetSocketAddress("127.0.0.1", port), "/medium.bin", out));
            site.assertFetched("medium.bin", out);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "::1"})
    void itsClientFetchesFromUs(String address) throws Exception {
        try (Program server = Program.serving(site, temporary);
                NettyPeer netty = new NettyPeer()) {
            int port = Integer.parseInt(server.port());
            for (String name : List.of("small.txt", "empty.bin", "medium.bin", "big.bin")) {
                Path out = temporary.resolve("netty-" + name);
                assertEquals("200", netty.fetch(site, new InetSocketAddress(address, port), "/" + name, out));
                site.assertFetched(name, out);
            }
            assertEquals(
                    "404", netty.fetch(site, new InetSocketAddress(address, port), "/none", temporary.resolve("none")));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "::1"})
    void weFetchFromItsServer(String address) throws Exception {
        try (NettyPeer netty = new NettyPeer()) {
            int port = netty.serve(site, address);
            Program.fetch(site, temporary, address, port, List.of("small.txt", "empty.bin", "medium.bin", "big.bin"));
        }
    }
}
