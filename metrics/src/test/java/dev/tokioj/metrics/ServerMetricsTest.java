package dev.tokioj.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tokioj.net.QuicClient;
import dev.tokioj.net.QuicServer;
import dev.tokioj.runtime.AsyncRuntime;
import dev.tokioj.runtime.RuntimeConfig;
import dev.tokioj.tls.Identity;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.math.BigInteger;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Date;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ServerMetricsTest {
    /** A certificate of its own signature for localhost. */
    private static Identity identity() throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"));
        KeyPair key = generator.generateKeyPair();
        X500Principal name = new X500Principal("CN=localhost");
        Instant now = Instant.now();
        var certificate = new JcaX509v3CertificateBuilder(
                        name,
                        BigInteger.ONE,
                        Date.from(now.minus(Duration.ofHours(1))),
                        Date.from(now.plus(Duration.ofHours(1))),
                        name,
                        key.getPublic())
                .addExtension(
                        Extension.subjectAlternativeName,
                        false,
                        new GeneralNames(new GeneralName(GeneralName.dNSName, "localhost")));
        X509Certificate signed = new JcaX509CertificateConverter()
                .getCertificate(
                        certificate.build(new JcaContentSignerBuilder("SHA256withECDSA").build(key.getPrivate())));
        return new Identity(key.getPrivate(), List.of(signed));
    }

    private static double sum(Collection<FunctionCounter> counters) {
        return counters.stream().mapToDouble(FunctionCounter::count).sum();
    }

    @Test
    @SuppressWarnings("try") // what the server says after its end is part of the test
    void aServersFiguresAreItsMeters() throws Exception {
        SimpleMeterRegistry registry = new SimpleMeterRegistry();
        Identity identity = identity();
        CountDownLatch accepted = new CountDownLatch(1);
        CountDownLatch release = new CountDownLatch(1);
        try (AsyncRuntime runtime =
                        AsyncRuntime.start(RuntimeConfig.builder().loops(2).build());
                QuicServer server = QuicServer.builder()
                        .runtime(runtime)
                        .loops(2)
                        .bind(0)
                        .identity(identity)
                        .alpn("idle")
                        .onConnection(_ -> {
                            accepted.countDown();
                            release.await();
                        })
                        .start()) {
            ServerMetrics metrics = ServerMetrics.of(server);
            try (var connection =
                    QuicClient.builder().alpn("idle").trust(identity.chain()).connect("localhost", server.port())) {
                accepted.await();
                metrics.bindTo(registry);
                String port = Integer.toString(server.port());
                assertEquals(
                        2,
                        registry.get("tokioj.server.connections")
                                .tag("port", port)
                                .gauges()
                                .size());
                assertEquals(
                        1,
                        registry.get("tokioj.server.connections").gauges().stream()
                                .mapToDouble(Gauge::value)
                                .sum());
                assertEquals(1, sum(registry.get("tokioj.server.accepted").functionCounters()));
                assertEquals(
                        0, sum(registry.get("tokioj.server.forwards.dropped").functionCounters()));
                assertTrue(connection.remoteAddress().getPort() == server.port());
                release.countDown();
            }
            server.close();
            // The answer of before may still be fresh; soon it is not.
            while (registry.get("tokioj.server.connections").gauges().stream()
                            .mapToDouble(Gauge::value)
                            .sum()
                    > 0) {
                Thread.onSpinWait();
            }
            CompletableFuture<Throwable> refused = new CompletableFuture<>();
            runtime.loops().get(0).execute(() -> {
                try {
                    ServerMetrics.of(server).bindTo(registry);
                } catch (IllegalStateException e) {
                    refused.complete(e);
                }
            });
            assertInstanceOf(IllegalStateException.class, refused.get(20, TimeUnit.SECONDS));
            metrics.close();
            assertEquals(0, registry.getMeters().size());
        } finally {
            release.countDown();
        }
    }
}
