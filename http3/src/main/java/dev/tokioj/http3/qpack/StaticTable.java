package dev.tokioj.http3.qpack;

/**
 * The static table (RFC 9204 section 3.1 and appendix A). Decoding by index shares these strings; encoding finds entries by a
 * small hash that nobody can fill: it holds these 99 entries and no others. Stateless; any thread.
 */
final class StaticTable {
    private static final String[] ENTRIES = {
        ":authority", "",
        ":path", "/",
        "age", "0",
        "content-disposition", "",
        "content-length", "0",
        "cookie", "",
        "date", "",
        "etag", "",
        "if-modified-since", "",
        "if-none-match", "",
        "last-modified", "",
        "link", "",
        "location", "",
        "referer", "",
        "set-cookie", "",
        ":method", "CONNECT",
        ":method", "DELETE",
        ":method", "GET",
        ":method", "HEAD",
        ":method", "OPTIONS",
        ":method", "POST",
        ":method", "PUT",
        ":scheme", "http",
        ":scheme", "https",
        ":status", "103",
        ":status", "200",
        ":status", "304",
        ":status", "404",
        ":status", "503",
        "accept", "*/*",
        "accept", "application/dns-message",
        "accept-encoding", "gzip, deflate, br",
        "accept-ranges", "bytes",
        "access-control-allow-headers", "cache-control",
        "access-control-allow-headers", "content-type",
        "access-control-allow-origin", "*",
        "cache-control", "max-age=0",
        "cache-control", "max-age=2592000",
        "cache-control", "max-age=604800",
        "cache-control", "no-cache",
        "cache-control", "no-store",
        "cache-control", "public, max-age=31536000",
        "content-encoding", "br",
        "content-encoding", "gzip",
        "content-type", "application/dns-message",
        "content-type", "application/javascript",
        "content-type", "application/json",
        "content-type", "application/x-www-form-urlencoded",
        "content-type", "image/gif",
        "content-type", "image/jpeg",
        "content-type", "image/png",
        "content-type", "text/css",
        "content-type", "text/html; charset=utf-8",
        "content-type", "text/plain",
        "content-type", "text/plain;charset=utf-8",
        "range", "bytes=0-",
        "strict-transport-security", "max-age=31536000",
        "strict-transport-security", "max-age=31536000; includesubdomains",
        "strict-transport-security", "max-age=31536000; includesubdomains; preload",
        "vary", "accept-encoding",
        "vary", "origin",
        "x-content-type-options", "nosniff",
        "x-xss-protection", "1; mode=block",
        ":status", "100",
        ":status", "204",
        ":status", "206",
        ":status", "302",
        ":status", "400",
        ":status", "403",
        ":status", "421",
        ":status", "425",
        ":status", "500",
        "accept-language", "",
        "access-control-allow-credentials", "FALSE",
        "access-control-allow-credentials", "TRUE",
        "access-control-allow-headers", "*",
        "access-control-allow-methods", "get",
        "access-control-allow-methods", "get, post, options",
        "access-control-allow-methods", "options",
        "access-control-expose-headers", "content-length",
        "access-control-request-headers", "content-type",
        "access-control-request-method", "get",
        "access-control-request-method", "post",
        "alt-svc", "clear",
        "authorization", "",
        "content-security-policy", "script-src 'none'; object-src 'none'; base-uri 'none'",
        "early-data", "1",
        "expect-ct", "",
        "forwarded", "",
        "if-range", "",
        "origin", "",
        "purpose", "prefetch",
        "server", "",
        "timing-allow-origin", "*",
        "upgrade-insecure-requests", "1",
        "user-agent", "",
        "x-forwarded-for", "",
        "x-frame-options", "deny",
        "x-frame-options", "sameorigin",
    };
    /** How many entries there are; the first index that is invalid. */
    static final int SIZE = ENTRIES.length / 2;

    private static final int BUCKETS = 256;
    /** By bucket of the name: index + 1 of the last entry of the bucket, then {@link #PREVIOUS}; 0 ends. */
    private static final short[] LAST = new short[BUCKETS];

    private static final short[] PREVIOUS = new short[SIZE];

    static {
        for (int i = 0; i < SIZE; i++) {
            int bucket = bucket(name(i));
            PREVIOUS[i] = LAST[bucket];
            LAST[bucket] = (short) (i + 1);
        }
    }

    private StaticTable() {}

    /** The name at {@code index}, which must be below {@link #SIZE}. */
    static String name(int index) {
        return ENTRIES[2 * index];
    }

    /** The value at {@code index}, which must be below {@link #SIZE}; may be empty. */
    static String value(int index) {
        return ENTRIES[2 * index + 1];
    }

    /**
     * Looks for a field line.
     *
     * @return the index of the entry with this name and value; {@code -1 - index} of one with this name only;
     *     {@code Integer.MIN_VALUE} if there is none
     */
    static int find(String name, String value) {
        int byName = Integer.MIN_VALUE;
        for (int next = LAST[bucket(name)]; next != 0; next = PREVIOUS[next - 1]) {
            int index = next - 1;
            if (name(index).equals(name)) {
                if (value(index).equals(value)) {
                    return index;
                }
                byName = -1 - index;
            }
        }
        return byName;
    }

    private static int bucket(String name) {
        int hash = name.hashCode() * 0x9e3779b9;
        return hash >>> 24;
    }
}
