package dev.tokioj.cli;

/** {@code HOST:PORT}, with an IPv6 address in brackets. */
record HostPort(String host, int port) {
    static HostPort of(String text) throws Failure.Exit {
        int colon = text.lastIndexOf(':');
        String host = colon < 0 ? "" : text.substring(0, colon);
        if (host.startsWith("[") && host.endsWith("]")) {
            host = host.substring(1, host.length() - 1);
        } else if (host.indexOf(':') >= 0) {
            throw new Failure.Exit(ExitCode.USAGE, "an IPv6 address goes in brackets: [::1]:4433, not " + text);
        }
        try {
            int port = Integer.parseInt(text.substring(colon + 1));
            if (host.isEmpty() || port < 1 || port > 65535) {
                throw new Failure.Exit(ExitCode.USAGE, "not HOST:PORT: " + text);
            }
            return new HostPort(host, port);
        } catch (NumberFormatException e) {
            throw new Failure.Exit(ExitCode.USAGE, "not HOST:PORT: " + text);
        }
    }
}
