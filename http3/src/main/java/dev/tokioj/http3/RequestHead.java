package dev.tokioj.http3;

/** Hands the head of a request to a server's handler, and the rest to whom that names. */
record RequestHead(RequestStream stream, Http3ServerHandler handler) implements HeadSink {
    @Override
    public void onInformational(FieldSection head) {
        throw new IllegalStateException("no interim requests");
    }

    @Override
    public MessageSink onHead(FieldSection head) {
        String priority = head.first("priority");
        if (priority != null) {
            stream.setPriority(Priority.parse(priority));
        }
        MessageSink sink = handler.onRequest(stream, head);
        stream.sink(sink);
        return sink;
    }
}
