package dev.tokioj.bench.compare;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.quic.BoringSSLContextOption;
import io.netty.handler.codec.quic.EpollQuicUtils;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicChannelBootstrap;
import io.netty.handler.codec.quic.QuicChannelOption;
import io.netty.handler.codec.quic.QuicClientCodecBuilder;
import io.netty.handler.codec.quic.QuicSslContext;
import io.netty.handler.codec.quic.QuicSslContextBuilder;
import io.netty.handler.codec.quic.QuicStreamChannel;
import io.netty.handler.codec.quic.QuicStreamType;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Netty's client; everything it does happens on its event loop. */
final class NettyClient implements Asking {
    private static final String CIPHER = "TLS_AES_128_GCM_SHA256";
    private static final long PATIENCE_SECONDS = 10;

    private final MultiThreadIoEventLoopGroup loop;
    private final Channel socket;
    private final Setup setup;
    private final AtomicInteger sessions = new AtomicInteger();
    /** The event loop's, from here on. */
    private final List<QuicChannel> held = new ArrayList<>();

    private int turn;
    private long requests;

    NettyClient(Setup setup) throws InterruptedException {
        this.setup = setup;
        QuicSslContext tls = QuicSslContextBuilder.forClient()
                .trustManager(setup.authority().toFile())
                .endpointIdentificationAlgorithm("HTTPS")
                .applicationProtocols(Setup.ALPN)
                .option(BoringSSLContextOption.GROUPS, new String[] {setup.group()})
                .build();
        ChannelHandler codec = Netty.limits(new QuicClientCodecBuilder(), setup)
                // Sessions are kept by host and port: with a port that never comes again every handshake is a full one.
                .sslEngineProvider(channel ->
                        tls.newEngine(channel.alloc(), Setup.HOST, 1 + (sessions.getAndIncrement() & 0x7fffffff)))
                .build();
        loop = Netty.loop(setup);
        socket = Netty.bind(loop, setup, codec);
    }

    private Future<QuicChannel> connect() {
        QuicChannelBootstrap bootstrap = QuicChannel.newBootstrap(socket)
                .handler(new ChannelInboundHandlerAdapter())
                .streamHandler(new ChannelInboundHandlerAdapter())
                .streamOption(
                        ChannelOption.WRITE_BUFFER_WATER_MARK,
                        new WriteBufferWaterMark(8 * Content.BLOCK, 16 * Content.BLOCK))
                .remoteAddress(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), setup.port()));
        if (Netty.epoll(setup)) {
            bootstrap.option(
                    QuicChannelOption.SEGMENTED_DATAGRAM_PACKET_ALLOCATOR,
                    EpollQuicUtils.newSegmentedAllocator(Netty.SEGMENTS));
        }
        return bootstrap.connect();
    }

    private QuicChannel connected() throws Exception {
        QuicChannel connection = connect().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        String cipher =
                Objects.requireNonNull(connection.sslEngine()).getSession().getCipherSuite();
        if (!cipher.equals(CIPHER)) {
            throw new IOException("the cipher is " + cipher);
        }
        return connection;
    }

    @Override
    public Work start(Case what, Progress progress) throws Exception {
        QuicChannel connection = connected();
        return switch (what) {
            case BULK -> {
                Download download = new Download(progress);
                connection.createStream(QuicStreamType.BIDIRECTIONAL, download).get();
                yield () -> await(connection, download.ended);
            }
            case UPLOAD -> {
                Upload upload = new Upload(progress);
                connection.createStream(QuicStreamType.BIDIRECTIONAL, upload).get();
                yield () -> await(connection, upload.ended);
            }
            case REQUESTS, REQUESTS_1000, LATENCY -> {
                Lanes lanes = new Lanes(what.atOnce);
                connection.eventLoop().execute(() -> {
                    for (int i = 0; i < what.atOnce; i++) {
                        request(() -> connection, progress, lanes, System.nanoTime());
                    }
                });
                yield () -> await(connection, lanes.ended);
            }
            case HANDSHAKES -> {
                Lanes lanes = new Lanes(what.atOnce);
                socket.eventLoop().execute(() -> {
                    for (int i = 0; i < what.atOnce; i++) {
                        handshake(progress, lanes, System.nanoTime());
                    }
                });
                yield () -> await(connection, lanes.ended);
            }
            case MANY -> {
                Lanes lanes = new Lanes(what.atOnce);
                socket.eventLoop().execute(() -> {
                    for (int i = 0; i < what.atOnce; i++) {
                        request(this::next, progress, lanes, System.nanoTime());
                    }
                });
                yield () -> await(connection, lanes.ended);
            }
            case IDLE -> throw new IllegalArgumentException(what.title());
        };
    }

    /** The connections that are held, in turn. Event loop. */
    private QuicChannel next() {
        turn = (turn + 1) % held.size();
        return held.get(turn);
    }

    private static void await(QuicChannel connection, CompletableFuture<?> end) throws Exception {
        try {
            end.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } finally {
            connection.close().sync();
        }
    }

    /** What is done at once, until the last has ended. Event loop. */
    private static final class Lanes {
        final CompletableFuture<@Nullable Void> ended = new CompletableFuture<>();
        private int open;

        Lanes(int open) {
            this.open = open;
        }

        void end() {
            if (--open == 0) {
                ended.complete(null);
            }
        }
    }

    private void request(Supplier<QuicChannel> connections, Progress progress, Lanes lanes, long begin) {
        if (!progress.goesOn()) {
            lanes.end();
            return;
        }
        request(
                connections.get(),
                () -> request(connections, progress, lanes, progress.completed(begin)),
                progress::fail);
    }

    private void request(QuicChannel connection, Runnable done, Consumer<Throwable> failed) {
        Response response = new Response(requests++, done, failed);
        connection.createStream(QuicStreamType.BIDIRECTIONAL, response).addListener(opened -> {
            if (!opened.isSuccess()) {
                failed.accept(opened.cause());
            }
        });
    }

    private void handshake(Progress progress, Lanes lanes, long begin) {
        if (!progress.goesOn()) {
            lanes.end();
            return;
        }
        connect().addListener((Future<QuicChannel> connected) -> {
            if (connected.isSuccess()) {
                connected.getNow().close();
                handshake(progress, lanes, progress.completed(begin));
            } else {
                progress.fail(connected.cause());
            }
        });
    }

    /** One request and its response. */
    private static final class Response extends ChannelInboundHandlerAdapter {
        private final long number;
        private final Runnable done;
        private final Consumer<Throwable> failed;
        private final byte[] bytes = new byte[Content.RESPONSE_SIZE + 1];
        private int length;

        Response(long number, Runnable done, Consumer<Throwable> failed) {
            this.number = number;
            this.done = done;
            this.failed = failed;
        }

        @Override
        public void channelActive(ChannelHandlerContext context) {
            context.writeAndFlush(Unpooled.wrappedBuffer(Content.request(Content.REQUEST, number)))
                    .addListener(QuicStreamChannel.SHUTDOWN_OUTPUT);
        }

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            ByteBuf part = (ByteBuf) message;
            int n = Math.min(part.readableBytes(), bytes.length - length);
            part.readBytes(bytes, length, n);
            length += n;
            part.release();
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext context, Object event) throws IOException {
            if (event == ChannelInputShutdownEvent.INSTANCE) {
                Content.checkResponse(number, bytes, length);
                done.run();
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            failed.accept(cause);
        }
    }

    /** Reads blocks until it is stopped. */
    private static final class Download extends ChannelInboundHandlerAdapter {
        final CompletableFuture<@Nullable Void> ended = new CompletableFuture<>();
        private final Progress progress;
        private final Content.Check check = new Content.Check();

        Download(Progress progress) {
            this.progress = progress;
        }

        @Override
        public void channelActive(ChannelHandlerContext context) {
            context.writeAndFlush(Unpooled.wrappedBuffer(Content.request(Content.DOWNLOAD, Long.MAX_VALUE)))
                    .addListener(QuicStreamChannel.SHUTDOWN_OUTPUT);
        }

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) throws IOException {
            ByteBuf bytes = (ByteBuf) message;
            try {
                int n = bytes.readableBytes();
                ByteBuffer buffer = bytes.nioBuffer();
                check.update(buffer);
                progress.passed(n);
                if (!progress.goesOn()) {
                    ended.complete(null);
                }
            } finally {
                bytes.release();
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            progress.fail(cause);
            ended.completeExceptionally(cause);
        }
    }

    /** Writes blocks until it is stopped, then compares what the server counted. */
    private static final class Upload extends ChannelInboundHandlerAdapter {
        final CompletableFuture<@Nullable Void> ended = new CompletableFuture<>();
        private final Progress progress;
        private final ByteBuf answer = Unpooled.buffer(Long.BYTES);
        private long blocks;

        Upload(Progress progress) {
            this.progress = progress;
        }

        @Override
        public void channelActive(ChannelHandlerContext context) {
            context.write(Unpooled.wrappedBuffer(Content.request(Content.UPLOAD, 0)));
            send(context);
        }

        private void send(ChannelHandlerContext context) {
            while (context.channel().isWritable() && progress.goesOn()) {
                context.write(Netty.block(blocks++)).addListener(written -> {
                    if (written.isSuccess()) {
                        progress.passed(Content.BLOCK);
                        if (!progress.goesOn()) {
                            ((QuicStreamChannel) context.channel()).shutdownOutput();
                        }
                    } else {
                        progress.fail(written.cause());
                    }
                });
            }
            context.flush();
        }

        @Override
        public void channelWritabilityChanged(ChannelHandlerContext context) {
            send(context);
        }

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            ByteBuf part = (ByteBuf) message;
            answer.writeBytes(part);
            part.release();
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext context, Object event) {
            if (event == ChannelInputShutdownEvent.INSTANCE) {
                // Blocks that the shutdown overtook were not sent; none may be corrupt, and none that was sent may
                // lack.
                long counted = answer.readableBytes() == Long.BYTES ? answer.readLong() : -1;
                if (counted >= progress.done()) {
                    ended.complete(null);
                } else {
                    ended.completeExceptionally(new IOException("the server did not see all of the upload"));
                }
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            progress.fail(cause);
            ended.completeExceptionally(cause);
        }
    }

    @Override
    public void open(int connections) throws Exception {
        Lanes lanes = new Lanes(Case.HANDSHAKES.atOnce);
        AtomicInteger left = new AtomicInteger(connections - held.size());
        socket.eventLoop().execute(() -> {
            for (int i = 0; i < Case.HANDSHAKES.atOnce; i++) {
                openNext(left, lanes);
            }
        });
        lanes.ended.get();
    }

    private void openNext(AtomicInteger left, Lanes lanes) {
        if (left.getAndDecrement() <= 0) {
            lanes.end();
            return;
        }
        connect().addListener((Future<QuicChannel> connected) -> {
            if (connected.isSuccess()) {
                held.add(connected.getNow());
                openNext(left, lanes);
            } else {
                lanes.ended.completeExceptionally(connected.cause());
            }
        });
    }

    @Override
    public void askEach() throws Exception {
        CompletableFuture<@Nullable Void> ended = new CompletableFuture<>();
        socket.eventLoop().execute(() -> askFrom(0, ended));
        ended.get();
    }

    private void askFrom(int index, CompletableFuture<@Nullable Void> ended) {
        if (index == held.size()) {
            ended.complete(null);
        } else {
            request(held.get(index), () -> askFrom(index + 1, ended), ended::completeExceptionally);
        }
    }

    @Override
    public void verify(int blocks) throws Exception {
        byte[] expected = Content.sha256(blocks);
        QuicChannel connection = connected();
        try {
            for (byte operation : new byte[] {Content.DOWNLOAD, Content.UPLOAD_HASHED}) {
                Hashing hashing = new Hashing(operation, blocks);
                connection.createStream(QuicStreamType.BIDIRECTIONAL, hashing).get();
                if (!MessageDigest.isEqual(expected, hashing.hash.get(PATIENCE_SECONDS, TimeUnit.SECONDS))) {
                    throw new IOException("the SHA-256 of a transfer is wrong: " + (char) operation);
                }
            }
        } finally {
            connection.close().sync();
        }
    }

    /** Moves blocks in one direction and learns their hash. */
    private static final class Hashing extends ChannelInboundHandlerAdapter {
        final CompletableFuture<byte[]> hash = new CompletableFuture<>();
        private final MessageDigest digest = Content.newSha256();
        private final ByteBuf answer = Unpooled.buffer();
        private final byte operation;
        private final int blocks;

        Hashing(byte operation, int blocks) {
            this.operation = operation;
            this.blocks = blocks;
        }

        @Override
        public void channelActive(ChannelHandlerContext context) {
            var last = context.write(Unpooled.wrappedBuffer(Content.request(operation, blocks)));
            for (int i = 0; operation == Content.UPLOAD_HASHED && i < blocks; i++) {
                last = context.write(Netty.block(i));
            }
            last.addListener(QuicStreamChannel.SHUTDOWN_OUTPUT);
            context.flush();
        }

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            ByteBuf part = (ByteBuf) message;
            if (operation == Content.UPLOAD_HASHED) {
                answer.writeBytes(part);
            } else {
                digest.update(part.nioBuffer());
            }
            part.release();
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext context, Object event) {
            if (event == ChannelInputShutdownEvent.INSTANCE) {
                byte[] came = new byte[answer.readableBytes()];
                answer.readBytes(came);
                hash.complete(operation == Content.UPLOAD_HASHED ? came : digest.digest());
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            hash.completeExceptionally(cause);
        }
    }

    @Override
    public void close() {
        loop.shutdownGracefully(0, 2, TimeUnit.SECONDS).syncUninterruptibly();
    }
}
