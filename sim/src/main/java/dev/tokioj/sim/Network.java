package dev.tokioj.sim;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Nodes at addresses, a pair of links for each node to the middle, and a NAT that can give a node another address. */
public final class Network {
    private static final int PORT = 4433;

    private static final class Attachment {
        final Node node;
        final InetSocketAddress own;
        final Link out;
        final Link in;
        InetSocketAddress seen;

        Attachment(Node node, InetSocketAddress own, Link out, Link in) {
            this.node = node;
            this.own = own;
            this.out = out;
            this.in = in;
            this.seen = own;
        }
    }

    private final Simulation simulation;
    /** By the address that others see. */
    private final Map<InetSocketAddress, Attachment> bySeen = new HashMap<>();

    private final Map<InetSocketAddress, Attachment> byOwn = new HashMap<>();
    private int hosts;
    private int rebindings;

    /** A network without nodes. */
    public Network(Simulation simulation) {
        this.simulation = simulation;
    }

    /** A fresh address for a node to be attached at. */
    public InetSocketAddress nextAddress() {
        if (++hosts >= 1 << 24) {
            throw new IllegalStateException("no more addresses: a node would get one that is taken");
        }
        return address(10, hosts, PORT);
    }

    /** Attaches a node; what it sends goes through {@code out}, what comes to it through {@code in}. */
    public void attach(Node node, InetSocketAddress address, LinkProfile out, LinkProfile in) {
        Attachment attachment = new Attachment(node, address, new Link(simulation, out), new Link(simulation, in));
        bySeen.put(address, attachment);
        byOwn.put(address, attachment);
    }

    /** Takes a node away: what is under way to it is lost. */
    public void detach(InetSocketAddress own) {
        bySeen.remove(of(own).seen);
        byOwn.remove(own);
    }

    /** Sends a datagram from a node's own address; where nobody is, or no more, it is lost. */
    public void send(Datagram datagram) {
        Attachment sender = byOwn.get(datagram.from());
        if (sender == null) {
            return;
        }
        sender.out.send(datagram, arrived -> {
            Datagram translated = arrived.from(sender.seen);
            Attachment receiver = bySeen.get(translated.to());
            if (receiver != null) {
                receiver.in.send(translated, last -> receiver.node.deliver(last.to(receiver.own)));
            }
        });
    }

    /** The NAT forgets a node: from now on others see it at another port, or at another address too. */
    public InetSocketAddress rebind(InetSocketAddress own, boolean address) {
        Attachment attachment = of(own);
        bySeen.remove(attachment.seen);
        rebindings++;
        attachment.seen = address
                ? address(172, rebindings, PORT + rebindings)
                : new InetSocketAddress(attachment.seen.getAddress(), PORT + rebindings);
        bySeen.put(attachment.seen, attachment);
        return attachment.seen;
    }

    /** Changes a node's links; null leaves one as it is. */
    public void change(InetSocketAddress own, @Nullable LinkProfile out, @Nullable LinkProfile in) {
        Attachment attachment = of(own);
        if (out != null) {
            attachment.out.profile(out);
        }
        if (in != null) {
            attachment.in.profile(in);
        }
    }

    /** Takes both links of a node down, or up again: a black hole. */
    public void up(InetSocketAddress own, boolean works) {
        Attachment attachment = of(own);
        attachment.out.up(works);
        attachment.in.up(works);
    }

    /** Datagrams that a node's links lost or refused so far. */
    public long dropped(InetSocketAddress own) {
        return of(own).out.dropped() + of(own).in.dropped();
    }

    private Attachment of(InetSocketAddress own) {
        Attachment attachment = byOwn.get(own);
        if (attachment == null) {
            throw new IllegalArgumentException("no node at " + own);
        }
        return attachment;
    }

    private static InetSocketAddress address(int net, int host, int port) {
        try {
            byte[] raw = {(byte) net, (byte) (host >> 16), (byte) (host >> 8), (byte) host};
            return new InetSocketAddress(InetAddress.getByAddress(raw), port);
        } catch (UnknownHostException e) {
            throw new IllegalStateException("four bytes are an address", e);
        }
    }
}
