package dev.tokioj.bench.compare;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.quic.BoringSSLContextOption;
import io.netty.handler.codec.quic.EpollQuicUtils;
import io.netty.handler.codec.quic.InsecureQuicTokenHandler;
import io.netty.handler.codec.quic.QuicChannelOption;
import io.netty.handler.codec.quic.QuicServerCodecBuilder;
import io.netty.handler.codec.quic.QuicSslContext;
import io.netty.handler.codec.quic.QuicSslContextBuilder;
import io.netty.handler.codec.quic.QuicStreamChannel;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.security.MessageDigest;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Netty's server; its handlers run on its event loop. */
final class NettyServer implements Serving {
    private final MultiThreadIoEventLoopGroup loop;
    private final Channel channel;

    NettyServer(Setup setup) throws InterruptedException {
        QuicSslContext tls = QuicSslContextBuilder.forServer(
                        setup.key().toFile(), null, setup.certificate().toFile())
                .applicationProtocols(Setup.ALPN)
                .option(BoringSSLContextOption.GROUPS, new String[] {setup.group()})
                .build();
        QuicServerCodecBuilder codec = Netty.limits(new QuicServerCodecBuilder(), setup)
                .sslContext(tls)
                .tokenHandler(InsecureQuicTokenHandler.INSTANCE)
                .handler(new ChannelInboundHandlerAdapter() {
                    @Override
                    public boolean isSharable() {
                        return true;
                    }
                })
                .streamOption(
                        ChannelOption.WRITE_BUFFER_WATER_MARK,
                        new WriteBufferWaterMark(8 * Content.BLOCK, 16 * Content.BLOCK))
                .streamHandler(new ChannelInitializer<QuicStreamChannel>() {
                    @Override
                    protected void initChannel(QuicStreamChannel stream) {
                        stream.pipeline().addLast(new Answering());
                    }
                });
        if (Netty.epoll(setup)) {
            codec.option(
                    QuicChannelOption.SEGMENTED_DATAGRAM_PACKET_ALLOCATOR,
                    EpollQuicUtils.newSegmentedAllocator(Netty.SEGMENTS));
        }
        loop = Netty.loop(setup);
        channel = Netty.bind(loop, setup, codec.build());
    }

    @Override
    public int port() {
        return ((InetSocketAddress) channel.localAddress()).getPort();
    }

    @Override
    public void close() {
        loop.shutdownGracefully(0, 2, TimeUnit.SECONDS).syncUninterruptibly();
    }

    /** Answers one stream. */
    private static final class Answering extends ChannelInboundHandlerAdapter {
        private final byte[] request = new byte[Content.REQUEST_SIZE];
        private int requestLength;
        private long blocks;
        private long blocksWritten;
        private Content.@Nullable Check check;
        private @Nullable MessageDigest digest;

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) throws IOException {
            ByteBuf bytes = (ByteBuf) message;
            try {
                if (requestLength < request.length) {
                    int n = Math.min(request.length - requestLength, bytes.readableBytes());
                    bytes.readBytes(request, requestLength, n);
                    requestLength += n;
                    if (requestLength == request.length) {
                        begin(context);
                    }
                }
                if (check != null) {
                    check.update(bytes.nioBuffer());
                } else if (digest != null) {
                    digest.update(bytes.nioBuffer());
                }
            } finally {
                bytes.release();
            }
        }

        private void begin(ChannelHandlerContext context) {
            switch (Content.operation(request)) {
                case Content.DOWNLOAD -> {
                    blocks = Content.number(request);
                    send(context);
                }
                case Content.UPLOAD -> check = new Content.Check();
                case Content.UPLOAD_HASHED -> digest = Content.newSha256();
                default -> {
                    // A request is answered at its end.
                }
            }
        }

        private void send(ChannelHandlerContext context) {
            while (blocksWritten < blocks && context.channel().isWritable()) {
                var written = context.write(Netty.block(blocksWritten++));
                if (blocksWritten == blocks) {
                    written.addListener(QuicStreamChannel.SHUTDOWN_OUTPUT);
                }
            }
            context.flush();
        }

        @Override
        public void channelWritabilityChanged(ChannelHandlerContext context) {
            send(context);
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext context, Object event) {
            if (event == ChannelInputShutdownEvent.INSTANCE) {
                byte @Nullable [] answer = answer();
                if (answer != null) {
                    context.writeAndFlush(Unpooled.wrappedBuffer(answer))
                            .addListener(QuicStreamChannel.SHUTDOWN_OUTPUT);
                }
            }
        }

        private byte @Nullable [] answer() {
            if (check != null) {
                return Content.longBytes(check.bytes());
            }
            if (digest != null) {
                return digest.digest();
            }
            return Content.operation(request) == Content.REQUEST ? Content.response(Content.number(request)) : null;
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            context.channel().close(); // the client is gone, or sent what it should not: it misses the answer
        }
    }
}
