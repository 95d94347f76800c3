package dev.tokioj.sim;

import java.util.function.Consumer;

/** One direction of a link at work: serialisation at its bandwidth, a drop-tail queue, then chance, then delay. */
final class Link {
    private static final int ECN_CE = 3;
    private static final int NANOS_BITS = 8;

    private final Simulation simulation;
    private LinkProfile profile;
    private long busyUntil;
    private int queued;
    private int lostInARow;
    private int corruptedInARow;
    private boolean up = true;
    private long delivered;
    private long dropped;

    Link(Simulation simulation, LinkProfile profile) {
        this.simulation = simulation;
        this.profile = profile;
    }

    void profile(LinkProfile changed) {
        profile = changed;
    }

    void up(boolean works) {
        up = works;
    }

    long delivered() {
        return delivered;
    }

    long dropped() {
        return dropped;
    }

    /** Takes a datagram, which is the link's from now on. */
    void send(Datagram datagram, Consumer<Datagram> arrival) {
        if (queued >= profile.queue()) {
            dropped++;
            return;
        }
        long now = simulation.now();
        long serialisation = profile.bandwidth() == 0
                ? 0
                : datagram.bytes().length * (long) NANOS_BITS * 1_000_000_000L / profile.bandwidth();
        busyUntil = Math.max(now, busyUntil) + serialisation;
        queued++;
        simulation.at(busyUntil, () -> {
            queued--;
            propagate(datagram, arrival);
        });
    }

    private void propagate(Datagram datagram, Consumer<Datagram> arrival) {
        if (!up || isLost()) {
            dropped++;
            return;
        }
        Datagram sent = isCorrupted() ? corrupted(datagram) : datagram;
        if (sent.ecn() != 0 && chance(profile.marking())) {
            sent = sent.withEcn(ECN_CE);
        }
        arrive(sent, arrival);
        if (chance(profile.duplication())) {
            arrive(sent.copy(), arrival);
        }
    }

    private void arrive(Datagram datagram, Consumer<Datagram> arrival) {
        long held = chance(profile.reordering()) ? simulation.random().nextLong(profile.holdBack() + 1) : 0;
        simulation.after(profile.delay() + held, () -> {
            delivered++;
            arrival.accept(datagram);
        });
    }

    private boolean isLost() {
        boolean lost = (profile.burst() == 0 || lostInARow < profile.burst()) && chance(profile.loss());
        lostInARow = lost ? lostInARow + 1 : 0;
        return lost;
    }

    private boolean isCorrupted() {
        boolean hit = (profile.burst() == 0 || corruptedInARow < profile.burst()) && chance(profile.corruption());
        corruptedInARow = hit ? corruptedInARow + 1 : 0;
        return hit;
    }

    private Datagram corrupted(Datagram datagram) {
        Datagram copy = datagram.copy();
        if (copy.bytes().length > 0) {
            int at = simulation.random().nextInt(copy.bytes().length);
            copy.bytes()[at] ^= (byte) (1 + simulation.random().nextInt(255));
        }
        return copy;
    }

    private boolean chance(double rate) {
        // No draw for what is switched off: a profile's other chances stay what they were.
        return rate > 0 && simulation.random().nextDouble() < rate;
    }
}
