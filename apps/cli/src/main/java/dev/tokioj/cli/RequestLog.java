package dev.tokioj.cli;

import dev.tokioj.net.Handler;
import java.io.PrintWriter;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;

/** A line for each request that ended. */
final class RequestLog {
    private RequestLog() {}

    /** A handler that does what another does and then prints a line. */
    static Handler around(Handler handler, PrintWriter out) {
        return exchange -> {
            long start = System.nanoTime();
            String failure = "";
            try {
                handler.handle(exchange);
            } catch (Exception e) {
                failure = "  failed: " + e.getMessage();
                throw e;
            } finally {
                // The peer chose the path: nothing in it may move a terminal's cursor.
                String line = LocalTime.now(ZoneId.systemDefault()).truncatedTo(ChronoUnit.SECONDS) + " "
                        + exchange.remoteAddress().getAddress().getHostAddress() + " " + exchange.method() + " "
                        + exchange.path() + "  " + Amounts.time(System.nanoTime() - start) + failure;
                out.println(Text.printable(line));
                out.flush();
            }
        };
    }
}
