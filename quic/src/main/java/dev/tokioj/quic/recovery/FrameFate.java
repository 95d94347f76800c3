package dev.tokioj.quic.recovery;

/**
 * Who is told what became of the frames of a packet. It may queue frames and data to be sent, and must not send: it is called in
 * the middle of an acknowledgement.
 */
public interface FrameFate {
    /** The packet that carried this frame was acknowledged, maybe after {@link #lost} was said of it. */
    void acked(SentFrame frame, long a, long b, long c);

    /** What this frame carried should be sent again, if it is still of use. */
    void lost(SentFrame frame, long a, long b, long c);
}
