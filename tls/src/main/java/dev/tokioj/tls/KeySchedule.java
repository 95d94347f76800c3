package dev.tokioj.tls;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * From the shared secret to traffic secrets (RFC 8446 section 7.1). It begins with the early secret of a handshake without
 * a pre-shared key; a PSK would be the input of that first extraction.
 */
final class KeySchedule {
    private static final byte[] EMPTY = {};

    /** Whose secret. */
    enum Side {
        CLIENT,
        SERVER
    }

    /** The two secrets of a level. */
    @SuppressWarnings("ArrayRecordComponent") // handed on at once, never compared
    record TrafficSecrets(byte[] client, byte[] server) {}

    private enum Stage {
        EARLY,
        HANDSHAKE,
        APPLICATION
    }

    private final HashAlgorithm hash;
    private final @Nullable KeyLog keyLog;
    private final byte[] clientRandom;
    private Stage stage = Stage.EARLY;
    private byte[] secret;
    private byte[] clientFinishedBase = EMPTY;
    private byte[] serverFinishedBase = EMPTY;

    KeySchedule(HashAlgorithm hash, @Nullable KeyLog keyLog, byte[] clientRandom) {
        this.hash = hash;
        this.keyLog = keyLog;
        this.clientRandom = clientRandom;
        byte[] zeros = new byte[hash.length()];
        this.secret = Hkdf.extract(hash, zeros, zeros);
    }

    /**
     * The handshake traffic secrets; the caller owns the arrays.
     *
     * @param sharedSecret of the key exchange; wiped
     * @param transcriptHash over ClientHello...ServerHello
     */
    TrafficSecrets enterHandshake(byte[] sharedSecret, byte[] transcriptHash) {
        enter(Stage.EARLY, Stage.HANDSHAKE, sharedSecret);
        clientFinishedBase = derive("c hs traffic", transcriptHash);
        serverFinishedBase = derive("s hs traffic", transcriptHash);
        log("CLIENT_HANDSHAKE_TRAFFIC_SECRET", clientFinishedBase);
        log("SERVER_HANDSHAKE_TRAFFIC_SECRET", serverFinishedBase);
        return new TrafficSecrets(clientFinishedBase.clone(), serverFinishedBase.clone());
    }

    /**
     * The application traffic secrets; the caller owns the arrays.
     *
     * @param transcriptHash over ClientHello...server Finished
     */
    TrafficSecrets enterApplication(byte[] transcriptHash) {
        enter(Stage.HANDSHAKE, Stage.APPLICATION, new byte[hash.length()]);
        byte[] client = derive("c ap traffic", transcriptHash);
        byte[] server = derive("s ap traffic", transcriptHash);
        log("CLIENT_TRAFFIC_SECRET_0", client);
        log("SERVER_TRAFFIC_SECRET_0", server);
        return new TrafficSecrets(client, server);
    }

    /** The verify_data of one side's Finished (RFC 8446 section 4.4.4). */
    byte[] finished(Side side, byte[] transcriptHash) {
        byte[] base = side == Side.CLIENT ? clientFinishedBase : serverFinishedBase;
        byte[] key = Hkdf.expandLabel(hash, base, "finished", EMPTY, hash.length());
        byte[] verifyData = Hkdf.hmac(hash, key, transcriptHash);
        Arrays.fill(key, (byte) 0);
        return verifyData;
    }

    HashAlgorithm hash() {
        return hash;
    }

    void wipe() {
        Arrays.fill(secret, (byte) 0);
        Arrays.fill(clientFinishedBase, (byte) 0);
        Arrays.fill(serverFinishedBase, (byte) 0);
    }

    private void enter(Stage from, Stage to, byte[] input) {
        if (stage != from) {
            throw new IllegalStateException("the key schedule is at " + stage);
        }
        byte[] salt = derive("derived", hash.digest().digest());
        byte[] next = Hkdf.extract(hash, salt, input);
        Arrays.fill(salt, (byte) 0);
        Arrays.fill(input, (byte) 0);
        Arrays.fill(secret, (byte) 0);
        secret = next;
        stage = to;
    }

    /** Derive-Secret. */
    private byte[] derive(String label, byte[] transcriptHash) {
        return Hkdf.expandLabel(hash, secret, label, transcriptHash, hash.length());
    }

    private void log(String label, byte[] value) {
        if (keyLog != null) {
            keyLog.line(label, clientRandom, value);
        }
    }
}
