package dev.tokioj.cli;

/**
 * What SIGINT and SIGTERM do to a server: it drains, then the process ends with exit code 0, because it did what it was
 * told. The JVM's own end would be 130 or 143.
 */
final class Shutdown {
    /** A wait for the end. */
    interface Waiting {
        void await() throws InterruptedException;
    }

    private Shutdown() {}

    /**
     * Waits, and drains when the process is told to stop.
     *
     * @param drain ends what is waited for, within a bound of its own
     * @param announce tells that it is ready, once it is also ready to be stopped
     */
    static void drainOnSignal(Runnable drain, Runnable announce, Waiting waiting) throws InterruptedException {
        Thread hook = new Thread(
                () -> {
                    try {
                        drain.run();
                    } finally {
                        Runtime.getRuntime().halt(ExitCode.OK.code());
                    }
                },
                "drain");
        Runtime.getRuntime().addShutdownHook(hook);
        try {
            announce.run();
            waiting.await();
        } finally {
            forget(hook); // else it would make a success of whatever has failed
        }
    }

    private static void forget(Thread hook) throws InterruptedException {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // What was waited for has ended because the hook runs: it also ends the process.
            hook.join();
        }
    }
}
