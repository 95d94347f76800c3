package dev.tokioj.quic.crypto;

import dev.tokioj.quic.memory.ReadAhead;
import dev.tokioj.quic.wire.Version;
import dev.tokioj.tls.CipherSuite;
import dev.tokioj.tls.Hkdf;
import java.util.Arrays;

/**
 * The keys of one direction at one encryption level (RFC 9001 section 5.1): seals or opens packets in place. One thread owns
 * it. Whoever made it calls {@link #destroy()} when the level is discarded.
 */
public final class PacketKeys {
    /** The bytes of the authentication tag behind each payload. */
    public static final int TAG_LENGTH = Aead.TAG_LENGTH;

    private static final byte[] NO_CONTEXT = {};

    private final CipherSuite suite;
    private final Version version;
    private final byte[] secret;
    private final byte[] iv;
    private final WipeableKey key;
    private final Aead aead;
    private final HeaderProtection headerProtection;

    private PacketKeys(
            CipherSuite suite, Version version, byte[] secret, Aead aead, HeaderProtection headerProtection) {
        this.suite = suite;
        this.version = version;
        this.secret = secret;
        this.key =
                new WipeableKey(Aead.keyAlgorithm(suite), expand(suite, secret, version.keyLabel(), suite.keyLength()));
        this.iv = expand(suite, secret, version.ivLabel(), Aead.NONCE_LENGTH);
        this.aead = aead;
        this.headerProtection = headerProtection;
    }

    /**
     * The keys of a secret.
     *
     * @param secret from TLS; copied, so the caller wipes its own
     */
    public static PacketKeys of(CipherSuite suite, byte[] secret, Version version) {
        byte[] hp = expand(suite, secret, version.hpLabel(), suite.keyLength());
        return new PacketKeys(suite, version, secret.clone(), new Aead(suite), new HeaderProtection(suite, hp));
    }

    private static byte[] expand(CipherSuite suite, byte[] secret, String label, int length) {
        return Hkdf.expandLabel(suite.hash(), secret, label, NO_CONTEXT, length);
    }

    /** The cipher suite. */
    public CipherSuite suite() {
        return suite;
    }

    /** The header protection of this direction, shared with the keys before and after this. */
    public HeaderProtection headerProtection() {
        return headerProtection;
    }

    /**
     * Seals a packet in place, appends the tag and protects the header (RFC 9001 sections 5.3 and 5.4). The packet number must
     * never have been used with these keys.
     *
     * @param headerLen the bytes of the header, packet number included; its last two bits of the first byte tell the length of that
     * @param payloadLen the bytes of plaintext behind the header; with the packet number at least 4, for the sample
     * @return the bytes of the whole packet
     */
    public int seal(byte[] buf, int headerOff, int headerLen, int payloadLen, long pn) {
        int pnLength = (buf[headerOff] & 0x03) + 1;
        if (pnLength + payloadLen < 4) {
            throw new IllegalArgumentException("packet too short for header protection: pad it");
        }
        int payloadOff = headerOff + headerLen;
        aead.seal(key, iv, pn, buf, headerOff, headerLen, payloadOff, payloadLen);
        headerProtection.protect(buf, headerOff, payloadOff - pnLength, pnLength);
        return headerLen + payloadLen + TAG_LENGTH;
    }

    /**
     * Removes header protection in place. Of {@code PacketHeader.parse} the packet is known to be long enough.
     *
     * @return the length of the packet number, 1 to 4
     */
    public int unprotectHeader(byte[] buf, int headerOff, int pnOff) {
        return headerProtection.unprotect(buf, headerOff, pnOff);
    }

    /**
     * Opens a packet in place whose header is unprotected.
     *
     * @param headerLen the bytes of the header, packet number included
     * @param cipherLen the bytes behind it, tag included
     * @param pn the whole packet number
     * @return the bytes of plaintext at {@code headerOff + headerLen}, or -1 if the packet is not authentic: then the payload is
     *     spoilt, but for its last 16 bytes, where a stateless reset token would be
     */
    public int open(byte[] buf, int headerOff, int headerLen, int cipherLen, long pn) {
        return aead.open(key, iv, pn, buf, headerOff, headerLen, headerOff + headerLen, cipherLen);
    }

    /** The keys after a key update (section 6.1): a new secret, key and IV; cipher and header protection are shared. */
    public PacketKeys next() {
        byte[] nextSecret = expand(suite, secret, version.kuLabel(), secret.length);
        return new PacketKeys(suite, version, nextSecret, aead, headerProtection);
    }

    /** The most packets that may be sealed with these keys (section 6.6). */
    public long confidentialityLimit() {
        return AeadLimits.of(suite).confidentiality();
    }

    /** The most packets that may fail to open in a connection (section 6.6). */
    public long integrityLimit() {
        return AeadLimits.of(suite).integrity();
    }

    /** Gives up what only a busy connection needs; the next packet makes it again. */
    public void rest() {
        aead.rest();
        headerProtection.rest();
    }

    /** Wipes this generation of keys and leaves header protection to the others. */
    void destroyGeneration() {
        Arrays.fill(secret, (byte) 0);
        Arrays.fill(iv, (byte) 0);
        key.destroy();
    }

    /** Wipes the keys, header protection included; sealing and opening fail afterwards. */
    public void destroy() {
        destroyGeneration();
        headerProtection.destroy();
    }

    /** Adds what a packet needs of it. */
    void collect(ReadAhead.Builder to) {
        to.add(this);
        to.add(iv);
        key.collect(to);
        headerProtection.collect(to);
        aead.collect(to);
    }
}
