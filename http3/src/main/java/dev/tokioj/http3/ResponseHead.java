package dev.tokioj.http3;

/** Hands the heads of a response to the sink that takes the rest too. */
record ResponseHead(ResponseSink sink) implements HeadSink {
    @Override
    public void onInformational(FieldSection head) {
        sink.onInformational(head);
    }

    @Override
    public MessageSink onHead(FieldSection head) {
        sink.onResponse(head);
        return sink;
    }
}
