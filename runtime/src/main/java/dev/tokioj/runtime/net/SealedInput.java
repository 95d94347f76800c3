package dev.tokioj.runtime.net;

import java.io.IOException;
import java.nio.ByteBuffer;

/** Encrypted bytes that have come and were not opened yet. Its reader's. */
final class SealedInput {
    private final TcpStream tcp;
    private ByteBuffer waiting;

    /** With room for so many bytes. */
    SealedInput(TcpStream tcp, int room) {
        this.tcp = tcp;
        this.waiting = ByteBuffer.allocate(room).limit(0);
    }

    /** What waits, from its position on: until the next {@link #fill}. */
    ByteBuffer waiting() {
        return waiting;
    }

    /**
     * Waits for more behind what waits.
     *
     * @param room how long a record can be
     * @return false: there is no more
     */
    boolean fill(int room, long deadline) throws IOException {
        int left = waiting.remaining();
        int wanted = Math.max(left + 1, room);
        ByteBuffer into = wanted <= waiting.capacity() ? waiting : ByteBuffer.allocate(wanted);
        System.arraycopy(waiting.array(), waiting.position(), into.array(), 0, left);
        waiting = into.position(0).limit(left);
        int n = tcp.read(waiting.array(), left, waiting.capacity() - left, deadline);
        if (n < 0) {
            return false;
        }
        waiting.limit(left + n);
        return true;
    }
}
