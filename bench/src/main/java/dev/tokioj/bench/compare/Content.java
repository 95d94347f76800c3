package dev.tokioj.bench.compare;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.SplittableRandom;
import java.util.zip.CRC32C;

/**
 * What goes over the wire, the same for every stack. A stream begins with a request of 64 bytes: an operation, a number of
 * eight bytes, random bytes. Transfers are blocks of 64 KB of random bytes, sixteen different ones in turn, that both sides
 * know: the receiver compares the CRC32C of each.
 */
final class Content {
    /** The number says how many blocks come back. */
    static final byte DOWNLOAD = 'D';

    /** Blocks follow until the end; eight bytes come back, how many bytes came. */
    static final byte UPLOAD = 'U';

    /** Blocks follow until the end; their SHA-256 comes back. */
    static final byte UPLOAD_HASHED = 'H';

    /** {@link #RESPONSE_SIZE} bytes come back: the request's number, random bytes, the CRC32C of all of that. */
    static final byte REQUEST = 'R';

    static final int REQUEST_SIZE = 64;
    static final int RESPONSE_SIZE = 1000;
    static final int BLOCK = 64 << 10;
    static final int BLOCKS = 16;

    private static final int NUMBER_AT = 1;
    private static final byte[][] BYTES = new byte[BLOCKS][BLOCK];
    private static final int[] SUMS = new int[BLOCKS];

    static {
        SplittableRandom random = new SplittableRandom(1);
        for (int i = 0; i < BLOCKS; i++) {
            random.nextBytes(BYTES[i]);
            CRC32C sum = new CRC32C();
            sum.update(BYTES[i]);
            SUMS[i] = (int) sum.getValue();
        }
    }

    private Content() {}

    /** The block of that number; not to be written to. */
    static byte[] block(long number) {
        return BYTES[(int) (number % BLOCKS)];
    }

    static byte[] request(byte operation, long number) {
        byte[] request = new byte[REQUEST_SIZE];
        System.arraycopy(BYTES[0], 0, request, 0, REQUEST_SIZE);
        ByteBuffer.wrap(request).put(0, operation).putLong(NUMBER_AT, number);
        return request;
    }

    static byte operation(byte[] request) {
        return request[0];
    }

    static long number(byte[] request) {
        return ByteBuffer.wrap(request).getLong(NUMBER_AT);
    }

    static byte[] response(long number) {
        byte[] response = new byte[RESPONSE_SIZE];
        System.arraycopy(BYTES[1], 0, response, 0, RESPONSE_SIZE);
        ByteBuffer.wrap(response).putLong(0, number).putInt(RESPONSE_SIZE - Integer.BYTES, sumOf(number, response));
        return response;
    }

    private static int sumOf(long number, byte[] response) {
        CRC32C sum = new CRC32C();
        sum.update(response, 0, RESPONSE_SIZE - Integer.BYTES);
        return (int) sum.getValue() ^ (int) number;
    }

    /** Throws unless this is the whole response to the request of that number. */
    static void checkResponse(long number, byte[] response, int length) throws IOException {
        if (length != RESPONSE_SIZE) {
            throw new IOException("a response of " + length + " bytes");
        }
        ByteBuffer buffer = ByteBuffer.wrap(response);
        if (buffer.getLong(0) != number || buffer.getInt(RESPONSE_SIZE - Integer.BYTES) != sumOf(number, response)) {
            throw new IOException("a response changed on the way");
        }
    }

    /** The SHA-256 of the first blocks. */
    static byte[] sha256(long blocks) {
        MessageDigest digest = newSha256();
        for (long i = 0; i < blocks; i++) {
            digest.update(block(i));
        }
        return digest.digest();
    }

    static MessageDigest newSha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    static byte[] longBytes(long value) {
        return ByteBuffer.allocate(Long.BYTES).putLong(value).array();
    }

    static long longOf(byte[] bytes) {
        return ByteBuffer.wrap(bytes).getLong();
    }

    /** Compares blocks as they come, in pieces of any size. One thread. */
    static final class Check {
        private final CRC32C sum = new CRC32C();
        private long bytes;

        void update(byte[] buf, int off, int len) throws IOException {
            for (int at = off, left = len; left > 0; ) {
                int n = Math.min(left, room());
                sum.update(buf, at, n);
                took(n);
                at += n;
                left -= n;
            }
        }

        /** Takes all that remains in the buffer. */
        void update(ByteBuffer buffer) throws IOException {
            int end = buffer.limit();
            while (buffer.position() < end) {
                int n = Math.min(end - buffer.position(), room());
                buffer.limit(buffer.position() + n);
                sum.update(buffer);
                buffer.limit(end);
                took(n);
            }
        }

        private int room() {
            return BLOCK - (int) (bytes % BLOCK);
        }

        private void took(int n) throws IOException {
            bytes += n;
            if (bytes % BLOCK == 0) {
                if ((int) sum.getValue() != SUMS[(int) ((bytes / BLOCK - 1) % BLOCKS)]) {
                    throw new IOException("block " + (bytes / BLOCK - 1) + " changed on the way");
                }
                sum.reset();
            }
        }

        long bytes() {
            return bytes;
        }
    }
}
