package dev.tokioj.tls;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads certificates and private keys from PEM files (RFC 7468). */
final class Pem {
    private static final String BEGIN = "-----BEGIN ";
    private static final String DASHES = "-----";

    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Block(String label, byte[] der) {
        private Block {
            label = label.trim();
        }
    }

    private Pem() {}

    static Identity identity(Path certificateChain, Path privateKey) throws IOException, GeneralSecurityException {
        List<X509Certificate> chain = certificates(certificateChain);
        if (chain.isEmpty()) {
            throw new CertificateException("no certificate in " + certificateChain);
        }
        PublicKey publicKey = chain.getFirst().getPublicKey();
        PrivateKey key = privateKey(privateKey, publicKey);
        Identity identity = new Identity(key, chain);
        checkPair(key, publicKey, privateKey);
        return identity;
    }

    static List<X509Certificate> certificates(Path file) throws IOException, GeneralSecurityException {
        CertificateFactory factory = CertificateFactory.getInstance("X.509");
        List<X509Certificate> chain = new ArrayList<>();
        for (Block block : blocks(file)) {
            if (block.label.equals("CERTIFICATE")) {
                chain.add((X509Certificate) factory.generateCertificate(new ByteArrayInputStream(block.der)));
            }
        }
        return chain;
    }

    private static PrivateKey privateKey(Path file, PublicKey publicKey) throws IOException, GeneralSecurityException {
        for (Block block : blocks(file)) {
            byte[] pkcs8 = switch (block.label) {
                case "PRIVATE KEY" -> block.der;
                case "EC PRIVATE KEY", "RSA PRIVATE KEY" -> wrap(block.der, publicKey);
                case "ENCRYPTED PRIVATE KEY" ->
                    throw new InvalidKeySpecException("the key in " + file + " is encrypted");
                default -> null;
            };
            if (pkcs8 != null) {
                try {
                    return KeyFactory.getInstance(publicKey.getAlgorithm())
                            .generatePrivate(new PKCS8EncodedKeySpec(pkcs8));
                } finally {
                    Arrays.fill(pkcs8, (byte) 0);
                    Arrays.fill(block.der, (byte) 0);
                }
            }
        }
        throw new InvalidKeySpecException("no private key in " + file);
    }

    /**
     * PKCS#8 (RFC 5958) around a PKCS#1 or SEC1 key. The algorithm, with the curve if any, is the one that the
     * certificate's public key states: a SEC1 key may omit it.
     */
    private static byte[] wrap(byte[] key, PublicKey publicKey) throws InvalidKeySpecException {
        byte[] version = {0x02, 0x01, 0x00};
        byte[] algorithm = algorithmIdentifier(publicKey.getEncoded());
        byte[] octets = der(0x04, key);
        byte[] pkcs8 = der(0x30, version, algorithm, octets);
        Arrays.fill(octets, (byte) 0);
        return pkcs8;
    }

    /** The first element of a SubjectPublicKeyInfo (RFC 5280 section 4.1), header included. */
    private static byte[] algorithmIdentifier(byte @Nullable [] publicKeyInfo) throws InvalidKeySpecException {
        if (publicKeyInfo == null) {
            throw new InvalidKeySpecException("the certificate's key has no encoding");
        }
        int start = contentOffset(publicKeyInfo, 0);
        int content = contentOffset(publicKeyInfo, start);
        return Arrays.copyOfRange(publicKeyInfo, start, content + (publicKeyInfo[start + 1] & 0xff));
    }

    /** Only for what the JDK has encoded itself: an AlgorithmIdentifier is shorter than 128 bytes. */
    private static int contentOffset(byte[] der, int at) {
        int length = der[at + 1] & 0xff;
        return length < 0x80 ? at + 2 : at + 2 + (length & 0x7f);
    }

    private static byte[] der(int tag, byte[]... parts) {
        int length = 0;
        for (byte[] part : parts) {
            length += part.length;
        }
        int lengthBytes = length < 0x80 ? 0 : length < 0x100 ? 1 : length < 0x10000 ? 2 : 3;
        byte[] out = new byte[2 + lengthBytes + length];
        out[0] = (byte) tag;
        out[1] = (byte) (lengthBytes == 0 ? length : 0x80 | lengthBytes);
        for (int i = 0; i < lengthBytes; i++) {
            out[2 + i] = (byte) (length >> (8 * (lengthBytes - 1 - i)));
        }
        int at = 2 + lengthBytes;
        for (byte[] part : parts) {
            System.arraycopy(part, 0, out, at, part.length);
            at += part.length;
        }
        return out;
    }

    /** A mismatch must show when the server starts, not at every client. */
    private static void checkPair(PrivateKey key, PublicKey publicKey, Path file) throws GeneralSecurityException {
        for (SignatureScheme scheme : SignatureScheme.values()) {
            if (scheme.signsHandshakeWith(publicKey)) {
                byte[] probe = "which key is this?".getBytes(StandardCharsets.US_ASCII);
                Signature signer = scheme.signer(CryptoProvider.JDK, key, null);
                signer.update(probe);
                byte[] signature = signer.sign();
                Signature verifier = scheme.verifier(CryptoProvider.JDK, publicKey);
                verifier.update(probe);
                if (!verifier.verify(signature)) {
                    throw new InvalidKeySpecException("the key in " + file + " is not the certificate's");
                }
                return;
            }
        }
    }

    private static List<Block> blocks(Path file) throws IOException, InvalidKeySpecException {
        List<Block> blocks = new ArrayList<>();
        String label = null;
        StringBuilder body = new StringBuilder();
        for (String line : Files.readAllLines(file, StandardCharsets.ISO_8859_1)) {
            String text = line.strip();
            if (text.startsWith(BEGIN) && text.endsWith(DASHES)) {
                label = text.substring(BEGIN.length(), text.length() - DASHES.length());
                body.setLength(0);
            } else if (label != null && text.equals("-----END " + label + DASHES)) {
                try {
                    blocks.add(new Block(label, Base64.getMimeDecoder().decode(body.toString())));
                } catch (IllegalArgumentException e) {
                    throw new InvalidKeySpecException("bad base64 in " + file, e);
                }
                label = null;
            } else if (label != null && !text.contains(":")) { // "Proc-Type: ..." headers of old files are no base64
                body.append(text);
            } else if (label != null && text.startsWith("Proc-Type:") && text.contains("ENCRYPTED")) {
                throw new InvalidKeySpecException("the key in " + file + " is encrypted");
            }
        }
        return blocks;
    }
}
