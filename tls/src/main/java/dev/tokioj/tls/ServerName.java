package dev.tokioj.tls;

import java.net.IDN;
import java.util.Locale;

/**
 * The server a client wants: a host name in ASCII without a final dot, or an IP address literal without brackets. Only
 * host names go into the server_name extension (RFC 6066 section 3).
 */
record ServerName(String name, boolean isAddress) {
    static ServerName of(String text) {
        String name = text;
        if (name.startsWith("[") && name.endsWith("]")) {
            name = name.substring(1, name.length() - 1);
        }
        if (isAddressLiteral(name)) {
            return new ServerName(name, true);
        }
        if (name.endsWith(".")) {
            name = name.substring(0, name.length() - 1);
        }
        String ascii = IDN.toASCII(name, IDN.ALLOW_UNASSIGNED).toLowerCase(Locale.ROOT);
        if (!isHostName(ascii)) {
            throw new IllegalArgumentException("not a host name or IP address: '" + text + "'");
        }
        return new ServerName(ascii, false);
    }

    /** No host name ends in a label of digits, and none has a colon; what is malformed fails when it is compared. */
    static boolean isAddressLiteral(String name) {
        if (name.indexOf(':') >= 0) {
            return true;
        }
        int lastLabel = name.lastIndexOf('.') + 1;
        for (int i = lastLabel; i < name.length(); i++) {
            if (name.charAt(i) < '0' || name.charAt(i) > '9') {
                return false;
            }
        }
        return lastLabel < name.length();
    }

    /** Letters, digits, hyphens and underscores in labels of 1 to 63 (names with underscores exist in practice). */
    static boolean isHostName(String name) {
        if (name.isEmpty() || name.length() > 253) {
            return false;
        }
        int label = 0;
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            if (c == '.') {
                if (label == 0) {
                    return false;
                }
                label = 0;
            } else if ((c >= 'a' && c <= 'z')
                    || (c >= 'A' && c <= 'Z')
                    || (c >= '0' && c <= '9')
                    || c == '-'
                    || c == '_') {
                if (++label > 63) {
                    return false;
                }
            } else {
                return false;
            }
        }
        return label > 0;
    }
}
