package dev.tokioj.runtime;

import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;

/** The program of {@link FlaglessConsumerTest}: two runtimes, and JDK sockets inside and after them. */
final class FlaglessConsumer {
    private FlaglessConsumer() {}

    public static void main(String[] args) throws Exception {
        int result = TokioJ.run(() -> {
            TokioJ.sleep(Duration.ofMillis(1));
            return TokioJ.spawn(FlaglessConsumer::echo).join();
        });
        Placement[] placement = new Placement[1];
        try (AsyncRuntime runtime = AsyncRuntime.start()) {
            placement[0] = runtime.placement();
        }
        // The loops are gone; the JDK's poller threads must not have been theirs.
        int[] after = new int[1];
        Thread thread = Thread.ofVirtual().start(() -> {
            try {
                after[0] = echo();
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        });
        if (!thread.join(Duration.ofSeconds(20))) {
            throw new IllegalStateException("socket reads of virtual threads hang after the runtime");
        }
        PrintStream out = System.out;
        out.println("result " + (result + after[0]) + " on " + placement[0]);
    }

    /** 21, by way of a blocking read on a JDK socket in a virtual thread. */
    private static int echo() throws Exception {
        try (ServerSocket listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                Socket socket = new Socket(listener.getInetAddress(), listener.getLocalPort());
                Socket accepted = listener.accept()) {
            Thread reader = Thread.currentThread();
            Thread writer = Thread.ofPlatform().start(() -> {
                try {
                    // The read is to find nothing and park.
                    while (reader.getState() == Thread.State.RUNNABLE) {
                        Thread.onSpinWait();
                    }
                    accepted.getOutputStream().write(21);
                } catch (Exception e) {
                    throw new IllegalStateException(e);
                }
            });
            int read = socket.getInputStream().read();
            writer.join();
            return read;
        }
    }
}
