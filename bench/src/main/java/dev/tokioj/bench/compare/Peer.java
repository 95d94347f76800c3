package dev.tokioj.bench.compare;

import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** Who is measured: a row of the table. */
enum Peer {
    /** TokioJ's Linux path, its tasks on the event loop. */
    TOKIOJ(Kind.TOKIOJ, "Linux path, tasks on the loop"),
    /** TokioJ's Linux path, its tasks on the JDK's scheduler. */
    TOKIOJ_SHARED(Kind.TOKIOJ, "Linux path, tasks on the JDK's scheduler"),
    /** TokioJ without native access. */
    TOKIOJ_NIO(Kind.TOKIOJ, "the JDK's channels, no native access, tasks on the loop"),
    /** TokioJ as in the first row, its handshakes with Amazon's crypto. */
    TOKIOJ_ACCP(Kind.TOKIOJ, "as tokioj, with Amazon Corretto Crypto Provider for the handshake"),
    /** TokioJ as in the first row, its handshakes with Conscrypt's crypto. */
    TOKIOJ_CONSCRYPT(Kind.TOKIOJ, "as tokioj, with Conscrypt for the handshake"),
    /** Netty's codec over quiche, with epoll. */
    NETTY(Kind.NETTY, "Netty 4.2 with native quiche, epoll, GSO"),
    /** Netty's codec over quiche, with the JDK's channels. */
    NETTY_NIO(Kind.NETTY, "Netty 4.2 with native quiche over the JDK's channels"),
    /** Kwik, a QUIC in Java. */
    KWIK(Kind.KWIK, "Kwik 0.10 (datagrams of its own size; handshakes with secp256r1, the only one it offers)"),
    /** ngtcp2's example programs, in C. */
    NGTCP2(Kind.NGTCP2, "gtlsserver and gtlsclient of ngtcp2, in C (HTTP/3, content not checked)"),
    /** No protocol: what sealing, the kernel and opening alone let through. */
    CEILING(Kind.CEILING, "no protocol: seal and GSO send, GRO receive and open");

    /** Rows of one make. */
    enum Kind {
        TOKIOJ,
        NETTY,
        KWIK,
        NGTCP2,
        CEILING
    }

    final Kind kind;
    final String what;

    Peer(Kind kind, String what) {
        this.kind = kind;
        this.what = what;
    }

    /** Its name on the command line and in what is printed. */
    String title() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** What it can be measured in. */
    Set<Case> cases() {
        return switch (this) {
            case TOKIOJ, TOKIOJ_SHARED, NETTY -> EnumSet.allOf(Case.class);
            case TOKIOJ_ACCP, TOKIOJ_CONSCRYPT -> EnumSet.of(Case.HANDSHAKES);
            // What else they do, they do with the code of the rows above.
            case TOKIOJ_NIO, NETTY_NIO ->
                EnumSet.of(Case.BULK, Case.UPLOAD, Case.REQUESTS, Case.REQUESTS_1000, Case.LATENCY);
            // Threads and a socket for each connection, and two threads a stream: thousands are not for a machine like
            // this.
            case KWIK -> EnumSet.complementOf(EnumSet.of(Case.REQUESTS_1000, Case.IDLE, Case.MANY));
            case NGTCP2 -> EnumSet.of(Case.BULK);
            case CEILING -> EnumSet.of(Case.BULK, Case.UPLOAD);
        };
    }

    /** What its JVMs are allowed, beyond the flags that are the same for all. */
    List<String> jvmFlags() {
        return switch (this) {
            // What the tokioj command's manifest asks for.
            case TOKIOJ, TOKIOJ_SHARED, TOKIOJ_ACCP, TOKIOJ_CONSCRYPT ->
                List.of("--enable-native-access=ALL-UNNAMED", "--add-opens=java.base/java.lang=ALL-UNNAMED");
            case TOKIOJ_NIO -> List.of("--add-opens=java.base/java.lang=ALL-UNNAMED");
            // Its faster buffers want Unsafe.
            case NETTY, NETTY_NIO ->
                List.of("--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow");
            case KWIK, NGTCP2 -> List.of();
            case CEILING -> List.of("--enable-native-access=ALL-UNNAMED");
        };
    }
}
