package dev.tokioj.bench.compare;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the command line asks for.
 *
 * @param warmUp seconds; negative: as each case needs, and until the JIT compilers rest
 * @param datagramSize bytes of UDP payload, for all
 */
record Options(
        Set<Case> cases,
        Set<Peer> peers,
        boolean json,
        int rounds,
        double seconds,
        double warmUp,
        String group,
        int datagramSize) {

    static final String USAGE = """
            usage: bench/compare [CASE...] [OPTION...]

            Runs TokioJ and other QUIC stacks doing the same, each in two processes of its own, server on the first core and
            client on the second, rounds interleaved, and prints medians.

            cases (default: all)
              bulk         one connection, one stream, server to client
              upload       the same, client to server
              requests     one connection, 64 bytes up and 1000 down on a stream each, 100 at once
              requests-1000  the same, 1,000 at once
              latency      as requests, one at a time: the value is the median latency
              handshakes   full handshakes, certificate and host name checked, 32 at a time
              idle         10,000 connections that rest: memory for each on the server; then each answers a request
              many         requests over 10,000 connections in turn, 10 at once, as a share of what is reached over 10

            options
              --peer LIST      only these others beside TokioJ: netty, netty-nio, tokioj-nio, kwik, ngtcp2,
                               ceiling (default: all)
              --rows LIST      exactly these rows, such as tokioj,ceiling
              --rounds N       timed runs for each row (default 5)
              --seconds N      length of a timed run (default 2)
              --warm-up N      seconds before the first (default: 6 to 20, by case, and on until the JIT compilers rest,
                               at most 40 more)
              --quick          2 rounds of 1 second after short warm-ups, and unless others are named only the cases up to
                               handshakes, TokioJ, Netty and the ceiling: a first impression in 2 minutes
              --group NAME     key exchange: X25519 (default) or X25519MLKEM768
              --payload N      UDP payload in bytes (default 1452)
              --json           one object a line instead of tables
              --list           what can be measured, and stop
              --help           this

            Progress goes to standard error, results to standard output. Exit codes: 0 all was measured; 1 a row was not
            (it says why); 2 a row of TokioJ's was not; 64 wrong usage; 69 no JDK; 70 the build failed.
            """;

    /** Throws {@link IllegalArgumentException} with what is wrong. */
    static Options parse(String[] args) {
        Set<Case> cases = EnumSet.noneOf(Case.class);
        Set<Peer> peers = EnumSet.noneOf(Peer.class);
        boolean quick = false;
        boolean json = false;
        int rounds = 5;
        double seconds = 2;
        double warmUp = -1;
        String group = "X25519";
        int datagramSize = 1452;
        for (int i = 0; i < args.length; i++) {
            switch (args[i]) {
                case "--json" -> json = true;
                case "--quick" -> {
                    quick = true;
                    rounds = 2;
                    seconds = 1;
                    warmUp = 4;
                }
                case "--peer" -> {
                    peers = EnumSet.of(Peer.TOKIOJ, Peer.TOKIOJ_SHARED);
                    peers.addAll(rows(value(args, ++i)));
                }
                case "--rows" -> peers = rows(value(args, ++i));
                case "--rounds" -> rounds = (int) number(args, ++i);
                case "--seconds" -> seconds = number(args, ++i);
                case "--warm-up" -> warmUp = number(args, ++i);
                case "--payload" -> datagramSize = (int) number(args, ++i);
                case "--group" -> group = value(args, ++i);
                case "all" -> cases.addAll(EnumSet.allOf(Case.class));
                default -> cases.add(caseOf(args[i]));
            }
        }
        if (cases.isEmpty()) {
            cases.addAll(quick ? EnumSet.complementOf(EnumSet.of(Case.IDLE, Case.MANY)) : EnumSet.allOf(Case.class));
        }
        if (peers.isEmpty()) {
            peers.addAll(quick ? EnumSet.of(Peer.TOKIOJ, Peer.NETTY, Peer.CEILING) : EnumSet.allOf(Peer.class));
        }
        return new Options(cases, peers, json, rounds, seconds, warmUp, group, datagramSize);
    }

    Options {
        require(rounds >= 1, "--rounds: at least 1");
        require(seconds > 0 && seconds <= 60, "--seconds: more than 0, at most 60");
        require(warmUp <= 60, "--warm-up: at most 60");
        require(datagramSize >= 1200 && datagramSize <= 1472, "--payload: 1200 to 1472");
        require(group.equals("X25519") || group.equals("X25519MLKEM768"), "--group: X25519 or X25519MLKEM768");
    }

    private static void require(boolean condition, String what) {
        if (!condition) {
            throw new IllegalArgumentException(what);
        }
    }

    private static String value(String[] args, int at) {
        require(at < args.length, args[at - 1] + " needs a value");
        return args[at];
    }

    private static double number(String[] args, int at) {
        String value = value(args, at);
        try {
            return Double.parseDouble(value);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(args[at - 1] + ": not a number: " + value, e);
        }
    }

    private static Case caseOf(String name) {
        for (Case each : Case.values()) {
            if (each.title().equals(name)) {
                return each;
            }
        }
        throw new IllegalArgumentException("there is no case or option '" + name + "'");
    }

    private static Set<Peer> rows(String list) {
        Set<Peer> peers = EnumSet.noneOf(Peer.class);
        List<String> wanted =
                new ArrayList<>(List.of(list.toLowerCase(Locale.ROOT).split(",")));
        for (Peer peer : Peer.values()) {
            if (wanted.remove(peer.title())) {
                peers.add(peer);
            }
        }
        require(wanted.isEmpty(), "there is no peer " + wanted);
        return peers;
    }

    /** What {@code --list} prints. */
    static String list() {
        StringBuilder text = new StringBuilder();
        for (Peer peer : Peer.values()) {
            text.append(String.format(Locale.ROOT, "%-14s %s:", peer.title(), peer.what));
            for (Case each : Case.values()) {
                text.append(peer.cases().contains(each) ? " " + each.title() : "");
            }
            text.append('\n');
        }
        return text.toString();
    }

    /** The option of that name among the arguments, which stops everything else. */
    static @Nullable String stopping(String[] args) {
        for (String arg : args) {
            switch (arg) {
                case "-h", "--help" -> {
                    return USAGE;
                }
                case "--list" -> {
                    return list();
                }
                default -> {}
            }
        }
        return null;
    }
}
