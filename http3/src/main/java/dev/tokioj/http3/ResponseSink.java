package dev.tokioj.http3;

/** Takes the response to a client's request; threading as {@link MessageSink}. */
public interface ResponseSink extends MessageSink {
    /** An interim response, 1xx (RFC 9114 section 4.1): zero or more before the final one. */
    void onInformational(FieldSection head);

    /** The head of the final response: checked, with a status of 200 to 999. */
    void onResponse(FieldSection head);
}
