package dev.tokioj.runtime.net;

import static dev.tokioj.runtime.net.TlsFixture.LONG;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.tokioj.runtime.AsyncRuntime;
import dev.tokioj.runtime.IoClosedException;
import dev.tokioj.runtime.IoRegistration;
import dev.tokioj.runtime.RuntimeConfig;
import dev.tokioj.runtime.Task;
import java.nio.ByteBuffer;
import java.util.concurrent.CountDownLatch;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class SharedEngineTest {
    /** A close may come between a record that asks for work and the begin of that work: it must not be waited for then. */
    @Test
    void whatBeginsAfterTheCloseIsCancelled() throws Exception {
        try (AsyncRuntime runtime =
                AsyncRuntime.start(RuntimeConfig.builder().loops(1).build())) {
            SSLEngine engine = askedByAClient();
            assertEquals(HandshakeStatus.NEED_TASK, engine.getHandshakeStatus());
            SharedEngine shared = new SharedEngine(engine, runtime);
            shared.cancel();
            Task<?> reader = runtime.spawn(() -> shared.compute(IoRegistration.NO_DEADLINE));
            assertThrows(IoClosedException.class, () -> reader.join(LONG));
            assertFalse(shared.isComputing());
        }
    }

    /** A server's engine that has a client's hello, and delegates a question to a key manager that never answers. */
    private static SSLEngine askedByAClient() throws Exception {
        SSLEngine client = TlsFixture.options().contextOrDefault().createSSLEngine("localhost", 1);
        client.setUseClientMode(true);
        client.beginHandshake();
        ByteBuffer hello = ByteBuffer.allocate(client.getSession().getPacketBufferSize());
        client.wrap(ByteBuffer.allocate(0), hello);
        SSLEngine server = TlsFixture.keys()
                .context(question -> {
                    try {
                        new CountDownLatch(1).await();
                    } catch (InterruptedException e) {
                        throw new IllegalStateException(e);
                    }
                })
                .createSSLEngine();
        server.setUseClientMode(false);
        server.beginHandshake();
        server.unwrap(hello.flip(), ByteBuffer.allocate(server.getSession().getApplicationBufferSize()));
        return server;
    }
}
