package dev.tokioj.net;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.tokioj.runtime.AsyncRuntime;
import java.net.URI;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A request and its response over real sockets: on every transport and every placement. */
class Http3RequestTest {
    @ParameterizedTest
    @EnumSource
    void answers(Combination combination) throws Exception {
        try (AsyncRuntime runtime = combination.start()) {
            combination.run(runtime, () -> {
                try (Http3Server server = Http3Server.builder()
                                .bind(0)
                                .identity(TestPki.shared().server())
                                .placement(combination.placement())
                                .handle("/api/test", exchange -> exchange.respond(200, "hello"))
                                .start();
                        Http3Client client = Http3Client.builder()
                                .trust(TestPki.shared().authorities())
                                .build()) {
                    Response response = client.get(URI.create("https://localhost:" + server.port() + "/api/test"));
                    assertEquals(200, response.status());
                    assertEquals("5", response.field("content-length"));
                    assertEquals("text/plain; charset=utf-8", response.field("content-type"));
                    assertEquals("hello", response.text());
                }
            });
        }
    }
}
