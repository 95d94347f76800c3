package dev.tokioj.net;

import dev.tokioj.quic.connection.Connection;
import java.util.List;

/** Has connections read what they will need before their turn comes, where there are too many for a cache. Loop's thread only. */
final class Prefetcher {
    /** What the reads came to: nothing that anybody asks for. */
    private int prefetched;

    /** All these are about to have a turn, one after another. */
    void prefetch(List<Connection> connections) {
        int read = 0;
        // The way to each list first, for all: no step of one waits for another's.
        for (int i = 0; i < connections.size(); i++) {
            read += connections.get(i).prefetchSize();
        }
        for (int i = 0; i < connections.size(); i++) {
            read += connections.get(i).prefetch();
        }
        prefetched = read;
    }

    /** This one is about to have a turn. */
    void prefetch(Connection connection) {
        prefetched = connection.prefetch();
    }
}
