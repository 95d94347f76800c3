package dev.tokioj.net;

/**
 * What one loop of a server has done and has to do, as of one of its turns.
 *
 * @param loop its place among the server's loops, from 0
 * @param connections its connections that have not ended, those in their handshake included
 * @param accepted connections that it has accepted
 * @param forwarded datagrams that came to its sockets and were for another loop, which got them
 * @param forwardsDropped datagrams likewise that the other loop did not get, because too much waited for it already
 *     ({@link ServerBuilder#forwardBuffer}) or it had been closed
 */
public record LoopStats(int loop, int connections, long accepted, long forwarded, long forwardsDropped) {}
