package dev.tokioj.bench.compare;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelOption;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.handler.codec.quic.FlushStrategy;
import io.netty.handler.codec.quic.QuicCodecBuilder;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;

/** What Netty's server and client are set to: what was found to make it fastest here. */
final class Netty {
    /** Segments in one send: 64 KB of 1452 bytes each. */
    static final int SEGMENTS = 44;

    private static final int RECEIVE_BATCH = 64;
    private static final int TRAIN = 64 << 10;
    private static final int SOCKET_BUFFER = 4 << 20;
    /** More than a datagram, for recvmmsg's buffers. */
    private static final int DATAGRAM_ROOM = 2048;

    private static final ByteBuf[] BLOCKS = new ByteBuf[Content.BLOCKS];

    static {
        for (int i = 0; i < BLOCKS.length; i++) {
            BLOCKS[i] = Unpooled.unreleasableBuffer(Unpooled.directBuffer(Content.BLOCK, Content.BLOCK)
                    .writeBytes(Content.block(i))
                    .asReadOnly());
        }
    }

    private Netty() {}

    /** The block of that number, in native memory: what is written from there is not copied once more. */
    static ByteBuf block(long number) {
        return BLOCKS[(int) (number % BLOCKS.length)].duplicate();
    }

    static boolean epoll(Setup setup) {
        return setup.peer() == Peer.NETTY;
    }

    /**
     * Whether one call receives a train that the kernel joined (GRO), and not a batch of datagrams (recvmmsg); it cannot do both.
     * Bulk was 787 against 559 MB/s here, many small requests 99,500 against 126,400 a second.
     */
    private static boolean joined(Setup setup) {
        return switch (setup.what()) {
            case BULK, UPLOAD, LATENCY -> true;
            case REQUESTS, REQUESTS_1000, HANDSHAKES, IDLE, MANY -> false;
        };
    }

    static MultiThreadIoEventLoopGroup loop(Setup setup) {
        return new MultiThreadIoEventLoopGroup(
                1, epoll(setup) ? EpollIoHandler.newFactory() : NioIoHandler.newFactory());
    }

    /** Windows as large as TokioJ's grow to, datagrams of the same size, sends as large as GSO takes. */
    static <B extends QuicCodecBuilder<B>> B limits(B codec, Setup setup) {
        return codec.maxIdleTimeout(Setup.IDLE_SECONDS, TimeUnit.SECONDS)
                .maxSendUdpPayloadSize(setup.datagramSize())
                .maxRecvUdpPayloadSize(65527)
                .initialMaxData(Setup.CONNECTION_WINDOW)
                .initialMaxStreamDataBidirectionalLocal(Setup.STREAM_WINDOW)
                .initialMaxStreamDataBidirectionalRemote(Setup.STREAM_WINDOW)
                .initialMaxStreamsBidirectional(Setup.MAX_STREAMS)
                .flushStrategy(FlushStrategy.afterNumBytes(SEGMENTS * setup.datagramSize()));
    }

    static Channel bind(MultiThreadIoEventLoopGroup loop, Setup setup, ChannelHandler codec)
            throws InterruptedException {
        Bootstrap bootstrap = new Bootstrap()
                .group(loop)
                .handler(codec)
                .option(ChannelOption.SO_RCVBUF, SOCKET_BUFFER)
                .option(ChannelOption.SO_SNDBUF, SOCKET_BUFFER);
        if (epoll(setup)) {
            bootstrap
                    .channel(EpollDatagramChannel.class)
                    .option(EpollChannelOption.UDP_GRO, joined(setup))
                    .option(EpollChannelOption.MAX_DATAGRAM_PAYLOAD_SIZE, joined(setup) ? 0 : DATAGRAM_ROOM)
                    .option(
                            ChannelOption.RECVBUF_ALLOCATOR,
                            new FixedRecvByteBufAllocator(joined(setup) ? TRAIN : RECEIVE_BATCH * DATAGRAM_ROOM));
        } else {
            bootstrap
                    .channel(NioDatagramChannel.class)
                    .option(ChannelOption.RECVBUF_ALLOCATOR, new FixedRecvByteBufAllocator(DATAGRAM_ROOM));
        }
        return bootstrap
                .bind(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0))
                .sync()
                .channel();
    }
}
