package dev.tokioj.tls;

import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A server's identities by the name that clients ask for (RFC 6066 section 3): the exact name, else a wildcard for its
 * first label, else the default. A name may have several, of different key types: the first that the client can verify is
 * used. Immutable.
 */
public final class IdentitySelector {
    private static final int DNS_NAME = 2; // GeneralName, RFC 5280 section 4.2.1.6

    private final Map<String, List<Identity>> byName;
    private final List<Identity> defaults;

    private IdentitySelector(Map<String, List<Identity>> byName, List<Identity> defaults) {
        Map<String, List<Identity>> copy = new HashMap<>();
        byName.forEach((name, identities) -> copy.put(name, List.copyOf(identities)));
        this.byName = copy;
        this.defaults = List.copyOf(defaults);
    }

    /** The same, with keys as this provider holds them: translating one for each signature costs as much as signing. */
    IdentitySelector with(CryptoProvider crypto) {
        if (crypto == CryptoProvider.JDK) {
            return this;
        }
        Map<String, List<Identity>> translated = new HashMap<>();
        byName.forEach((name, identities) -> translated.put(name, with(crypto, identities)));
        return new IdentitySelector(translated, with(crypto, defaults));
    }

    private static List<Identity> with(CryptoProvider crypto, List<Identity> identities) {
        return identities.stream()
                .map(identity -> new Identity(crypto.translated(identity.key()), identity.chain()))
                .toList();
    }

    /** One identity for whatever name is asked for. */
    public static IdentitySelector of(Identity identity) {
        return builder().byDefault(identity).build();
    }

    /** An empty builder. */
    public static Builder builder() {
        return new Builder();
    }

    /** The identities for this name, or for none; empty: the name is not known here and there is no default. */
    Choice choose(@Nullable String serverName) {
        if (serverName != null) {
            String name = serverName.toLowerCase(Locale.ROOT);
            List<Identity> found = byName.get(name);
            int dot = name.indexOf('.');
            if (found == null && dot > 0) {
                found = byName.get("*" + name.substring(dot));
            }
            if (found != null) {
                return new Choice(found, true);
            }
        }
        return new Choice(defaults, false);
    }

    /**
     * The identities to choose from.
     *
     * @param nameMatched whether the client's name led to them
     */
    record Choice(List<Identity> identities, boolean nameMatched) {}

    /** Collects identities. */
    public static final class Builder {
        private final Map<String, List<Identity>> byName = new HashMap<>();
        private final List<Identity> defaults = new ArrayList<>();

        private Builder() {}

        /** Adds an identity under a host name, or under a wildcard such as {@code *.example.org}. */
        public Builder add(String name, Identity identity) {
            String rest = name.startsWith("*.") ? name.substring(2) : name;
            if (!ServerName.isHostName(rest)) {
                throw new IllegalArgumentException("not a host name or wildcard: '" + name + "'");
            }
            byName.computeIfAbsent(name.toLowerCase(Locale.ROOT), _ -> new ArrayList<>())
                    .add(identity);
            return this;
        }

        /** Adds an identity under every DNS name in its certificate. */
        public Builder add(Identity identity) {
            boolean named = false;
            for (String name : dnsNames(identity.chain().getFirst())) {
                add(name, identity);
                named = true;
            }
            if (!named) {
                throw new IllegalArgumentException("the certificate has no DNS name");
            }
            return this;
        }

        /** Adds an identity for clients that name no server, or one that is not known here. */
        public Builder byDefault(Identity identity) {
            defaults.add(identity);
            return this;
        }

        /** The selector; without a default, unknown names are refused with unrecognized_name. */
        public IdentitySelector build() {
            if (byName.isEmpty() && defaults.isEmpty()) {
                throw new IllegalArgumentException("at least one identity is needed");
            }
            return new IdentitySelector(byName, defaults);
        }

        private static List<String> dnsNames(X509Certificate certificate) {
            List<String> names = new ArrayList<>();
            try {
                Collection<List<?>> all = certificate.getSubjectAlternativeNames();
                if (all != null) {
                    for (List<?> name : all) {
                        if (Integer.valueOf(DNS_NAME).equals(name.get(0)) && name.get(1) instanceof String dns) {
                            names.add(dns);
                        }
                    }
                }
            } catch (CertificateParsingException e) {
                throw new IllegalArgumentException("bad names in the certificate", e);
            }
            return names;
        }
    }
}
