package dev.tokioj.tls;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A block of extensions (RFC 8446 section 4.2): types and bodies in order. Decoding refuses duplicates and those that are
 * known but forbidden in the message they are in; the bodies are {@link ExtensionCodec}'s.
 */
final class Extensions {
    static final Extensions NONE = new Extensions(List.of());

    /** One extension, its body not yet decoded. */
    @SuppressWarnings("ArrayRecordComponent") // looked up by type, never compared
    record Extension(int type, byte[] body) {}

    private final List<Extension> list;

    private Extensions(List<Extension> list) {
        this.list = list;
    }

    static Builder builder() {
        return new Builder();
    }

    /** Reads {@code Extension extensions<0..2^16-1>} of a message. */
    static Extensions decode(WireReader in, ExtensionType.Place place, TlsLimits limits) throws TlsAlertException {
        WireReader block = in.vector16(0);
        if (!block.hasMore()) {
            return NONE;
        }
        List<Extension> list = new ArrayList<>();
        while (block.hasMore()) {
            int type = block.u16();
            byte[] body = block.opaque16(0);
            if (list.size() == limits.maxExtensions()) {
                throw new TlsAlertException(TlsAlert.ILLEGAL_PARAMETER, "too many extensions");
            }
            for (Extension earlier : list) {
                if (earlier.type == type) {
                    throw new TlsAlertException(TlsAlert.ILLEGAL_PARAMETER, "extension " + type + " comes twice");
                }
            }
            ExtensionType known = ExtensionType.of(type);
            if (known != null && !known.mayBeIn(place)) {
                throw new TlsAlertException(TlsAlert.ILLEGAL_PARAMETER, known + " is forbidden in " + place);
            }
            list.add(new Extension(type, body));
        }
        return new Extensions(list);
    }

    void encode(WireWriter out) {
        int block = out.open(2);
        for (Extension extension : list) {
            out.u16(extension.type).opaque16(extension.body);
        }
        out.close(block, 2);
    }

    byte @Nullable [] body(ExtensionType type) {
        for (Extension extension : list) {
            if (extension.type == type.code()) {
                return extension.body;
            }
        }
        return null;
    }

    /** A reader of the body, or null if the extension is absent. */
    @Nullable WireReader reader(ExtensionType type) {
        byte[] body = body(type);
        return body == null ? null : new WireReader(body);
    }

    /** A reader of the body of an extension that must be there (RFC 8446 section 9.2). */
    WireReader require(ExtensionType type) throws TlsAlertException {
        byte[] body = body(type);
        if (body == null) {
            throw new TlsAlertException(TlsAlert.MISSING_EXTENSION, "no " + type);
        }
        return new WireReader(body);
    }

    boolean has(ExtensionType type) {
        return body(type) != null;
    }

    List<Extension> list() {
        return list;
    }

    /** Collects extensions in the order they are sent. */
    static final class Builder {
        private final List<Extension> list = new ArrayList<>();

        Builder add(ExtensionType type, byte[] body) {
            return add(type.code(), body);
        }

        Builder add(int type, byte[] body) {
            list.add(new Extension(type, body));
            return this;
        }

        Extensions build() {
            return new Extensions(List.copyOf(list));
        }
    }
}
