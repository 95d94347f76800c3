package dev.tokioj.net;

import dev.tokioj.http3.FieldSection;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** A request of an {@link Http3Client}. Immutable, but for a body that can be read once only. */
public final class Request {
    /** What the request carries. */
    sealed interface Body {
        /** No content. */
        record None() implements Body {
            @Override
            public long length() {
                return -1;
            }
        }

        /** Content that is there already; the request can be made again. */
        @SuppressWarnings("ArrayRecordComponent") // never compared
        record Bytes(byte[] content) implements Body {
            @Override
            public long length() {
                return content.length;
            }
        }

        /** Content that is written as the connection takes it; {@code length} or -1. */
        record Streamed(BodyWriter writer, long length) implements Body {}

        /** The bytes there will be; -1: none, or nobody knows how many. */
        long length();
    }

    private final String method;
    private final URI uri;
    private final FieldSection fields;
    private final @Nullable FieldSection trailers;
    private final Body body;
    private final @Nullable Duration timeout;

    private Request(Builder builder) {
        this.method = builder.method;
        this.uri = builder.uri;
        this.fields = builder.fields.build();
        FieldSection trailing = builder.trailers.build();
        this.trailers = trailing.size() == 0 ? null : trailing;
        this.body = builder.body;
        this.timeout = builder.timeout;
    }

    /** Begins a request; GET unless said otherwise. The URI has the scheme https and a host. */
    public static Builder builder(URI uri) {
        return new Builder(uri);
    }

    /** A GET without more. */
    public static Request get(URI uri) {
        return builder(uri).build();
    }

    /** The method. */
    public String method() {
        return method;
    }

    /** Where it goes. */
    public URI uri() {
        return uri;
    }

    /** Its fields without the pseudo-header fields. */
    public FieldSection fields() {
        return fields;
    }

    /** The trailers that follow the content; null: none. */
    @Nullable FieldSection trailers() {
        return trailers;
    }

    Body body() {
        return body;
    }

    /** Whether it is a head and nothing more. */
    boolean isBare() {
        return body instanceof Body.None && trailers == null;
    }

    @Nullable Duration timeout() {
        return timeout;
    }

    int port() {
        return uri.getPort() < 0 ? 443 : uri.getPort();
    }

    /** The host as it is resolved and certified: an IPv6 literal without its brackets. */
    String host() {
        String host = uri.getHost();
        return host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
    }

    String authority() {
        String host = uri.getHost().toLowerCase(Locale.ROOT);
        return uri.getPort() < 0 || uri.getPort() == 443 ? host : host + ":" + uri.getPort();
    }

    private String target() {
        String path = uri.getRawPath() == null || uri.getRawPath().isEmpty() ? "/" : uri.getRawPath();
        return uri.getRawQuery() == null ? path : path + "?" + uri.getRawQuery();
    }

    /** The header section as it is sent. */
    FieldSection head() {
        FieldSection.Builder head =
                FieldSection.request(method, "https", authority(), target()).addAll(fields);
        long length = body.length();
        if (length >= 0) {
            head.add("content-length", Long.toString(length));
        }
        return head.build();
    }

    @Override
    public String toString() {
        return method + " " + uri;
    }

    /** Collects what a request has. One thread. */
    public static final class Builder {
        private final URI uri;
        private final FieldSection.Builder fields = FieldSection.builder();
        private final FieldSection.Builder trailers = FieldSection.builder();
        private String method = "GET";
        private Body body = new Body.None();
        private @Nullable Duration timeout;

        private Builder(URI uri) {
            if (!"https".equalsIgnoreCase(uri.getScheme()) || uri.getHost() == null) {
                throw new IllegalArgumentException("HTTP/3 needs an https URI with a host: " + uri);
            }
            this.uri = uri;
        }

        /** The method, in upper case; default GET. */
        public Builder method(String value) {
            if (value.equals("CONNECT")) {
                throw new IllegalArgumentException("CONNECT makes a tunnel, not a request");
            }
            method = value;
            return this;
        }

        /** Adds a field. */
        public Builder header(String name, String value) {
            if (name.startsWith(":")) {
                throw new IllegalArgumentException("pseudo-header fields come from the method and the URI: " + name);
            }
            fields.add(name, value);
            return this;
        }

        /** Adds a trailer, which is sent after the content. */
        public Builder trailer(String name, String value) {
            trailers.add(name, value);
            return this;
        }

        /** The content: text in UTF-8. */
        public Builder body(String text) {
            return body(text.getBytes(StandardCharsets.UTF_8));
        }

        /** The content; the array is not copied. */
        public Builder body(byte[] content) {
            body = new Body.Bytes(content);
            return this;
        }

        /** The content is what this stream has; it is read, and closed, in a task of its own. {@code length}: its bytes, or -1. */
        public Builder body(InputStream content, long length) {
            body = new Body.Streamed(
                    out -> {
                        try (content) {
                            content.transferTo(out);
                        }
                    },
                    length);
            return this;
        }

        /** The content is what the writer writes, in a task of its own. */
        public Builder body(BodyWriter content) {
            body = new Body.Streamed(content, BodyOutput.UNKNOWN);
            return this;
        }

        /** How long the head of the response may take; default: as long as the connection lives. */
        public Builder timeout(Duration value) {
            timeout = value;
            return this;
        }

        /** The request. */
        public Request build() {
            return new Request(this);
        }
    }
}
