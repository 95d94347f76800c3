package dev.tokioj.http3;

/** Takes the head of an incoming message: a server's hands it to the handler, a client's to the response sink. */
interface HeadSink {
    /** An interim response. */
    void onInformational(FieldSection head);

    /** The head of the request or of the final response; returns who takes the rest. */
    MessageSink onHead(FieldSection head);
}
