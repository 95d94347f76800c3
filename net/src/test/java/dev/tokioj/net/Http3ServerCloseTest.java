package dev.tokioj.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tokioj.runtime.AsyncRuntime;
import dev.tokioj.runtime.RuntimeConfig;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** An HTTP/3 server on a runtime of somebody else's. */
@Timeout(60)
class Http3ServerCloseTest {
    private static Http3Server start(AsyncRuntime runtime) throws Exception {
        return Http3Server.builder()
                .runtime(runtime)
                .bind(0)
                .identity(TestPki.shared().server())
                .handle("/", exchange -> exchange.respond(204))
                .start();
    }

    private static AsyncRuntime runtime() throws IOException {
        return AsyncRuntime.start(RuntimeConfig.builder().loops(1).build());
    }

    @Test
    void closesAfterItsRuntimeToo() throws Exception {
        Http3Server server;
        try (AsyncRuntime runtime = runtime()) {
            server = start(runtime);
        }
        assertTimeoutPreemptively(Duration.ofSeconds(20), server::close);
    }

    /** It would hold what has ended, and wake the loop for nothing. */
    @Test
    void leavesNoTimer() throws Exception {
        try (AsyncRuntime runtime = runtime()) {
            Http3Server server = start(runtime);
            try (Http3Client client =
                    Http3Client.builder().trust(TestPki.shared().authorities()).build()) {
                URI uri = URI.create("https://localhost:" + server.port() + "/");
                try (Response response = client.get(uri)) {
                    assertEquals(204, response.status());
                }
                server.close();
            }
            long turn = runtime.stats().totalTicks();
            while (runtime.stats().totalTicks() < turn + 2) {
                CompletableFuture<Boolean> done = new CompletableFuture<>();
                runtime.loops().get(0).execute(() -> done.complete(true));
                assertTrue(done.get(20, TimeUnit.SECONDS));
            }
            assertEquals(0, runtime.stats().total().timersArmed());
        }
    }
}
