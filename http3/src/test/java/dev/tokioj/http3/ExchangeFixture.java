package dev.tokioj.http3;

import dev.tokioj.http3.TestServer.Served;
import dev.tokioj.quic.connection.QuicConfig;
import java.util.function.BiFunction;

/** A client and a server over two endpoints, and two ways to answer. */
abstract class ExchangeFixture {
    TestClient client = new TestClient(Http3Config.defaults());
    TestServer server = new TestServer(Http3Config.defaults(), Served::new);

    Pipe connect(BiFunction<RequestStream, FieldSection, Served> behaviour) {
        return connect(behaviour, Http3Config.defaults(), QuicConfig.defaults());
    }

    Pipe connect(BiFunction<RequestStream, FieldSection, Served> behaviour, Http3Config config, QuicConfig quicConfig) {
        server = new TestServer(config, behaviour);
        client = new TestClient(Http3Config.defaults());
        var pipe = new Pipe(QuicConfig.defaults(), client.http3, quicConfig, server.http3);
        client.on(pipe);
        server.on(pipe);
        pipe.until(() -> client.http3.isOpen() && !client.http3.peerSettings().equals(Settings.DEFAULT));
        return pipe;
    }

    static Served answering(RequestStream stream, FieldSection head) {
        return new Served(stream, head) {
            @Override
            public void onEnd() {
                super.onEnd();
                respond(200, "you asked for " + head.first(":path"));
                stream.release();
            }

            @Override
            public void onAborted(long code, String reason) {
                super.onAborted(code, reason);
                stream.release();
            }
        };
    }

    static Served silent(RequestStream stream, FieldSection head) {
        return new Served(stream, head);
    }
}
