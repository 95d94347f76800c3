package dev.tokioj.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.HexFormat;
import org.junit.jupiter.api.Test;

class HkdfTest {
    private static final HexFormat HEX = HexFormat.of();

    @Test
    void extractsAndExpandsAsInRfc5869() {
        check(
                "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b",
                "000102030405060708090a0b0c",
                "f0f1f2f3f4f5f6f7f8f9",
                "077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5",
                "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865");
        check(
                "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f202122232425262728292a2b2c2d2e2f"
                        + "303132333435363738393a3b3c3d3e3f404142434445464748494a4b4c4d4e4f",
                "606162636465666768696a6b6c6d6e6f707172737475767778797a7b7c7d7e7f808182838485868788898a8b8c8d8e8f"
                        + "909192939495969798999a9b9c9d9e9fa0a1a2a3a4a5a6a7a8a9aaabacadaeaf",
                "b0b1b2b3b4b5b6b7b8b9babbbcbdbebfc0c1c2c3c4c5c6c7c8c9cacbcccdcecfd0d1d2d3d4d5d6d7d8d9dadbdcdddedf"
                        + "e0e1e2e3e4e5e6e7e8e9eaebecedeeeff0f1f2f3f4f5f6f7f8f9fafbfcfdfeff",
                "06a6b88c5853361a06104c9ceb35b45cef760014904671014a193f40c15fc244",
                "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac7827271cb41c65e590e09"
                        + "da3275600c2f09b8367793a9aca3db71cc30c58179ec3e87c14c01d5c1f3434f1d87");
        check(
                "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b",
                "",
                "",
                "19ef24a32c717b167f33a91d6f648bdf96596776afdb6377ac434c1c293ccb04",
                "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8");
    }

    private static void check(String ikm, String salt, String info, String prk, String okm) {
        byte[] extracted = Hkdf.extract(HashAlgorithm.SHA256, HEX.parseHex(salt), HEX.parseHex(ikm));
        assertEquals(prk, HEX.formatHex(extracted));
        byte[] expanded = Hkdf.expand(HashAlgorithm.SHA256, extracted, HEX.parseHex(info), okm.length() / 2);
        assertEquals(okm, HEX.formatHex(expanded));
    }

    @Test
    void derivesTheInitialSecretsOfRfc9001AppendixA() {
        byte[] salt = HEX.parseHex("38762cf7f55934b34d179ae6a4c80cadccbb7f0a");
        byte[] initial = Hkdf.extract(HashAlgorithm.SHA256, salt, HEX.parseHex("8394c8f03e515708"));
        assertEquals("7db5df06e7a69e432496adedb00851923595221596ae2ae9fb8115c1e9ed0a44", HEX.formatHex(initial));
        byte[] client = label(initial, "client in", 32);
        assertEquals("c00cf151ca5be075ed0ebfb5c80323c42d6b7db67881289af4008f1f6c357aea", HEX.formatHex(client));
        assertEquals("1f369613dd76d5467730efcbe3b1a22d", HEX.formatHex(label(client, "quic key", 16)));
        assertEquals("fa044b2f42a3fd3b46fb255c", HEX.formatHex(label(client, "quic iv", 12)));
        assertEquals("9f50449e04a0e810283a1e9933adedd2", HEX.formatHex(label(client, "quic hp", 16)));
        byte[] server = label(initial, "server in", 32);
        assertEquals("3c199828fd139efd216c155ad844cc81fb82fa8d7446fa7d78be803acdda951b", HEX.formatHex(server));
        assertEquals("cf3a5331653c364c88f0f379b6067e37", HEX.formatHex(label(server, "quic key", 16)));
        assertEquals("0ac1493ca1905853b0bba03e", HEX.formatHex(label(server, "quic iv", 12)));
        assertEquals("c206b8d9b9f0f37644430b490eeaa314", HEX.formatHex(label(server, "quic hp", 16)));
        byte[] chacha = HEX.parseHex("9ac312a7f877468ebe69422748ad00a15443f18203a07d6060f688f30f21632b");
        assertEquals(
                "1223504755036d556342ee9361d253421a826c9ecdf3c7148684b36b714881f9",
                HEX.formatHex(label(chacha, "quic ku", 32)));
    }

    @Test
    void refusesToExpandBeyond255Blocks() {
        byte[] secret = new byte[32];
        assertEquals(255 * 32, Hkdf.expand(HashAlgorithm.SHA256, secret, new byte[0], 255 * 32).length);
        assertThrows(
                IllegalArgumentException.class,
                () -> Hkdf.expand(HashAlgorithm.SHA256, secret, new byte[0], 255 * 32 + 1));
    }

    private static byte[] label(byte[] secret, String label, int length) {
        return Hkdf.expandLabel(HashAlgorithm.SHA256, secret, label, new byte[0], length);
    }
}
