package dev.tokioj.examples;

import dev.tokioj.net.Http3Client;
import dev.tokioj.net.Http3Server;
import dev.tokioj.net.Response;
import dev.tokioj.runtime.TokioJ;
import dev.tokioj.tls.Identity;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;

/**
 * An HTTP/3 server and a client that asks it.
 *
 * <pre>java ... dev.tokioj.examples.Http3Hello certificate.pem key.pem ca.pem</pre>
 */
public final class Http3Hello {
    private Http3Hello() {}

    /** Serves one request and ends. Arguments: the certificate chain, its key, the certificates to trust. */
    public static void main(String[] args) throws Exception {
        Identity identity = Identity.pem(Path.of(args[0]), Path.of(args[1]));
        TokioJ.runIoFocused(() -> {
            try (Http3Server server = start(identity, 0)) {
                IO.println(ask(URI.create("https://localhost:" + server.port() + "/api/test"), Path.of(args[2])));
            }
        });
    }

    /** Starts the server; port 0 lets the system choose. */
    static Http3Server start(Identity identity, int port) throws IOException {
        return Http3Server.builder()
                .bind(port)
                .identity(identity)
                .handle("/api/test", exchange -> exchange.respond(200, "hello over HTTP/3"))
                .handle(
                        "POST",
                        "/api/echo",
                        exchange -> exchange.respond(200, out -> exchange.body().transferTo(out)))
                .start();
    }

    /** The status and the text of the answer. */
    static String ask(URI uri, Path trusted) throws IOException {
        try (Http3Client client = Http3Client.builder().trust(trusted).build()) {
            Response response = client.get(uri);
            return response.status() + " " + response.text();
        }
    }
}
