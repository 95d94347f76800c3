package dev.tokioj.cli;

import java.io.IOException;
import java.net.BindException;
import java.net.DatagramSocket;
import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One port for several addresses when the system may choose it. */
final class Ports {
    private static final int ATTEMPTS = 20;

    private Ports() {}

    /** The addresses with one port for all: their own, or one that is free on each of them if theirs is 0. */
    static List<InetSocketAddress> same(List<InetSocketAddress> addresses) throws IOException {
        List<InetSocketAddress> usable = withoutMissingIpv6(addresses);
        if (usable.size() < 2 || usable.getFirst().getPort() != 0) {
            return usable;
        }
        for (int i = 0; i < ATTEMPTS; i++) {
            List<InetSocketAddress> candidates = candidates(usable);
            if (candidates != null) {
                return candidates;
            }
        }
        throw new BindException("found no UDP port that is free on all of " + usable);
    }

    /** A port that is free on the first address, for all; null when another one lacks it. */
    private static @Nullable List<InetSocketAddress> candidates(List<InetSocketAddress> addresses) throws IOException {
        List<InetSocketAddress> candidates = new ArrayList<>();
        try (DatagramSocket first = new DatagramSocket(addresses.getFirst())) {
            for (InetSocketAddress address : addresses) {
                candidates.add(new InetSocketAddress(address.getAddress(), first.getLocalPort()));
            }
            for (InetSocketAddress candidate : candidates.subList(1, candidates.size())) {
                if (!canBind(candidate)) {
                    return null;
                }
            }
        }
        return candidates;
    }

    /** On a machine without IPv6, what listens on IPv4 too is enough. */
    private static List<InetSocketAddress> withoutMissingIpv6(List<InetSocketAddress> addresses) {
        List<InetSocketAddress> usable = new ArrayList<>(addresses);
        if (addresses.size() > 1) {
            usable.removeIf(
                    a -> a.getAddress() instanceof Inet6Address && !canBind(new InetSocketAddress(a.getAddress(), 0)));
        }
        return usable;
    }

    private static boolean canBind(InetSocketAddress address) {
        try (DatagramSocket probe = new DatagramSocket(address)) {
            return probe.isBound();
        } catch (IOException e) {
            return false;
        }
    }
}
