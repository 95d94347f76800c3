package dev.tokioj.http3;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Writes down what a message sink is told; adjacent pieces of content are joined. */
class Transcript implements ResponseSink {
    private final List<String> lines = new ArrayList<>();
    private final StringBuilder body = new StringBuilder();

    List<String> lines() {
        flush();
        return lines;
    }

    void add(String line) {
        flush();
        lines.add(line);
    }

    void clear() {
        flush();
        lines.clear();
    }

    @Override
    public void onInformational(FieldSection head) {
        add("informational " + head.first(":status"));
    }

    @Override
    public void onResponse(FieldSection head) {
        add("response " + head.first(":status"));
    }

    @Override
    public void onBody(byte[] buf, int off, int len) {
        body.append(new String(buf, off, len, StandardCharsets.ISO_8859_1));
    }

    @Override
    public void onTrailers(FieldSection trailers) {
        add("trailers " + trailers);
    }

    @Override
    public void onEnd() {
        add("end");
    }

    @Override
    public void onAborted(long code, String reason) {
        add("aborted " + Http3Error.name(code));
    }

    @Override
    public void onWritable() {
        add("writable");
    }

    @Override
    public void onSendStopped(long code) {
        add("stopped " + Http3Error.name(code));
    }

    private void flush() {
        if (!body.isEmpty()) {
            lines.add("body " + body);
            body.setLength(0);
        }
    }
}
