package dev.tokioj.quic.endpoint;

import dev.tokioj.quic.wire.ByteReader;
import dev.tokioj.quic.wire.ByteWriter;
import dev.tokioj.quic.wire.ConnectionId;
import dev.tokioj.quic.wire.TransportException;
import java.net.InetSocketAddress;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * Address validation tokens (RFC 9000 8.1): of Retry, good for a moment and one address and port; of NEW_TOKEN, good for
 * longer and an address. Sealed with AES-256-GCM and bound to the address as associated data, so there is nothing in a token
 * that a client could read or change, and nothing to remember: in its time, from its address, a token is good however often
 * it comes. Lifetime and address are what limits its replay (RFC 9000 8.1.4).
 *
 * <pre>
 * token = kind (1), nonce (12), sealed { time (8), odcid length (1), odcid, scid length (1), scid }
 * </pre>
 */
final class Tokens {
    private static final int RETRY = 0x01;
    private static final int NEW_TOKEN = 0x02;
    private static final int NONCE = 12;
    private static final int TAG = 16;
    /** How far behind the clock {@code now} may be: it was read when a loop's turn began, and the token be made since on another. */
    private static final long TURN = 1_000_000_000L;

    private static final int MAX_SEALED = 8 + 1 + ConnectionId.MAX_LENGTH + 1 + ConnectionId.MAX_LENGTH + TAG;

    /** What a token that came says. */
    sealed interface Verdict {
        /** Nothing: there is none, or it is not one of ours that is still good. The client goes on without. */
        record None() implements Verdict {}

        /** It claims to be of a Retry and is not good: INVALID_TOKEN (RFC 9000 8.1.3). */
        record Invalid() implements Verdict {}

        /** The address is proved by a Retry. */
        record Retried(ConnectionId originalDestinationId, ConnectionId retrySourceId) implements Verdict {}

        /** The address is proved by an earlier connection. */
        record Known() implements Verdict {}
    }

    private static final Verdict NONE = new Verdict.None();
    private static final Verdict INVALID = new Verdict.Invalid();
    private static final Verdict KNOWN = new Verdict.Known();

    private final SecretKeySpec key;
    private final SecureRandom random;
    private final long retryLifetime;
    private final long newTokenLifetime;

    Tokens(byte[] key, SecureRandom random, long retryLifetime, long newTokenLifetime) {
        this.key = new SecretKeySpec(key, "AES");
        this.random = random;
        this.retryLifetime = retryLifetime;
        this.newTokenLifetime = newTokenLifetime;
    }

    /** The token of a Retry. */
    byte[] retry(long now, InetSocketAddress client, ConnectionId originalDestinationId, ConnectionId retrySourceId) {
        var w = new ByteWriter().reset(new byte[MAX_SEALED], 0, MAX_SEALED);
        w.u64(now);
        w.u8(originalDestinationId.length()).bytes(originalDestinationId.toBytes());
        w.u8(retrySourceId.length()).bytes(retrySourceId.toBytes());
        return seal(RETRY, Arrays.copyOf(w.array(), w.position()), client);
    }

    /** A token for a later connection. */
    byte[] newToken(long now, InetSocketAddress client) {
        var w = new ByteWriter().reset(new byte[8], 0, 8);
        w.u64(now);
        return seal(NEW_TOKEN, w.array(), client);
    }

    /** What the token {@code buf[off, off+len)} says, that came from {@code client}. Never throws, whatever it is. */
    Verdict check(long now, byte[] buf, int off, int len, InetSocketAddress client) {
        if (len == 0) {
            return NONE;
        }
        int kind = buf[off];
        if (kind != RETRY && kind != NEW_TOKEN) {
            return NONE;
        }
        Verdict bad = kind == RETRY ? INVALID : NONE;
        if (len < 1 + NONCE + 8 + TAG || len > 1 + NONCE + MAX_SEALED) {
            return bad;
        }
        try {
            byte[] plain = cipher(Cipher.DECRYPT_MODE, kind, buf, off + 1, client)
                    .doFinal(buf, off + 1 + NONCE, len - 1 - NONCE);
            var r = new ByteReader().reset(plain, 0, plain.length);
            long age = now - r.u64();
            if (age < -TURN || age > (kind == RETRY ? retryLifetime : newTokenLifetime)) {
                return bad;
            }
            return kind == NEW_TOKEN ? KNOWN : new Verdict.Retried(readId(r), readId(r));
        } catch (AEADBadTagException | TransportException e) {
            return bad;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("AES-GCM takes this key and nonce", e);
        }
    }

    private static ConnectionId readId(ByteReader r) throws TransportException {
        int length = r.u8();
        return ConnectionId.of(r.array(), r.skip(length), length);
    }

    private byte[] seal(int kind, byte[] plain, InetSocketAddress client) {
        byte[] token = new byte[1 + NONCE + plain.length + TAG];
        byte[] nonce = new byte[NONCE];
        random.nextBytes(nonce);
        token[0] = (byte) kind;
        System.arraycopy(nonce, 0, token, 1, NONCE);
        try {
            cipher(Cipher.ENCRYPT_MODE, kind, token, 1, client).doFinal(plain, 0, plain.length, token, 1 + NONCE);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("AES-GCM takes this key and nonce", e);
        }
        return token;
    }

    private Cipher cipher(int mode, int kind, byte[] nonce, int nonceOff, InetSocketAddress client)
            throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
        cipher.init(mode, key, new GCMParameterSpec(8 * TAG, nonce, nonceOff, NONCE));
        cipher.updateAAD(new byte[] {(byte) kind});
        cipher.updateAAD(client.getAddress().getAddress());
        if (kind == RETRY) {
            int port = client.getPort();
            cipher.updateAAD(new byte[] {(byte) (port >>> 8), (byte) port});
        }
        return cipher;
    }
}
