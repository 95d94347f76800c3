package dev.tokioj.interop;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.handler.codec.http3.DefaultHttp3DataFrame;
import io.netty.handler.codec.http3.DefaultHttp3HeadersFrame;
import io.netty.handler.codec.http3.Http3;
import io.netty.handler.codec.http3.Http3ClientConnectionHandler;
import io.netty.handler.codec.http3.Http3DataFrame;
import io.netty.handler.codec.http3.Http3HeadersFrame;
import io.netty.handler.codec.http3.Http3RequestStreamInboundHandler;
import io.netty.handler.codec.http3.Http3ServerConnectionHandler;
import io.netty.handler.codec.quic.InsecureQuicTokenHandler;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicSslContext;
import io.netty.handler.codec.quic.QuicSslContextBuilder;
import io.netty.handler.codec.quic.QuicStreamChannel;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Netty's HTTP/3 (QUIC by quiche): a file server and a client that downloads. */
final class NettyPeer implements AutoCloseable {
    private static final int CHUNK = 64 * 1024;

    private final MultiThreadIoEventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());

    /** Serves a site's files; returns the port. */
    int serve(Site site, String address) throws Exception {
        QuicSslContext tls = QuicSslContextBuilder.forServer(site.key.toFile(), null, site.certificate.toFile())
                .applicationProtocols(Http3.supportedApplicationProtocols())
                .build();
        ChannelHandler codec = Http3.newQuicServerCodecBuilder()
                .sslContext(tls)
                .maxIdleTimeout(30, TimeUnit.SECONDS)
                .initialMaxData(10_000_000)
                .initialMaxStreamDataBidirectionalLocal(1_000_000)
                .initialMaxStreamDataBidirectionalRemote(1_000_000)
                .initialMaxStreamDataUnidirectional(1_000_000)
                .initialMaxStreamsBidirectional(100)
                .initialMaxStreamsUnidirectional(100)
                .tokenHandler(InsecureQuicTokenHandler.INSTANCE)
                .handler(new ChannelInitializer<QuicChannel>() {
                    @Override
                    protected void initChannel(QuicChannel connection) {
                        connection.pipeline().addLast(new Http3ServerConnectionHandler(new ChannelInitializer<>() {
                            @Override
                            protected void initChannel(Channel stream) {
                                stream.pipeline().addLast(new FileHandler(site.root));
                            }
                        }));
                    }
                })
                .build();
        Channel channel = new Bootstrap()
                .group(loops)
                .channel(NioDatagramChannel.class)
                .handler(codec)
                .bind(new InetSocketAddress(address, 0))
                .sync()
                .channel();
        return ((InetSocketAddress) channel.localAddress()).getPort();
    }

    /** Fetches a path into a file; returns the status. */
    String fetch(Site site, InetSocketAddress server, String path, Path into) throws Exception {
        QuicSslContext tls = QuicSslContextBuilder.forClient()
                .trustManager(site.authority.toFile())
                .endpointIdentificationAlgorithm("HTTPS")
                .applicationProtocols(Http3.supportedApplicationProtocols())
                .build();
        ChannelHandler codec = Http3.newQuicClientCodecBuilder()
                .sslEngineProvider(channel -> tls.newEngine(channel.alloc(), "localhost", server.getPort()))
                .maxIdleTimeout(30, TimeUnit.SECONDS)
                .initialMaxData(10_000_000)
                .initialMaxStreamDataBidirectionalLocal(4_000_000)
                .build();
        Channel socket = new Bootstrap()
                .group(loops)
                .channel(NioDatagramChannel.class)
                .handler(codec)
                .bind(0)
                .sync()
                .channel();
        QuicChannel connection = QuicChannel.newBootstrap(socket)
                .handler(new Http3ClientConnectionHandler())
                .remoteAddress(server)
                .connect()
                .get(20, TimeUnit.SECONDS);
        try (OutputStream out = Files.newOutputStream(into)) {
            Download download = new Download(out);
            QuicStreamChannel stream =
                    Http3.newRequestStream(connection, download).sync().getNow();
            DefaultHttp3HeadersFrame request = new DefaultHttp3HeadersFrame();
            request.headers()
                    .method("GET")
                    .path(path)
                    .authority("localhost:" + server.getPort())
                    .scheme("https");
            stream.writeAndFlush(request)
                    .addListener(QuicStreamChannel.SHUTDOWN_OUTPUT)
                    .sync();
            return download.status.get(60, TimeUnit.SECONDS);
        } finally {
            connection.close().sync();
            socket.close().sync();
        }
    }

    @Override
    public void close() {
        loops.shutdownGracefully(0, 2, TimeUnit.SECONDS).syncUninterruptibly();
    }

    /** Writes what comes to a file and completes with the status at the end. */
    private static final class Download extends Http3RequestStreamInboundHandler {
        private final OutputStream out;
        private final CompletableFuture<String> status = new CompletableFuture<>();
        private String code = "";

        Download(OutputStream out) {
            this.out = out;
        }

        @Override
        protected void channelRead(ChannelHandlerContext context, Http3HeadersFrame frame) {
            if (code.isEmpty()) {
                code = frame.headers().status().toString();
            }
        }

        @Override
        protected void channelRead(ChannelHandlerContext context, Http3DataFrame frame) throws IOException {
            try {
                frame.content().readBytes(out, frame.content().readableBytes());
            } finally {
                frame.release();
            }
        }

        @Override
        protected void channelInputClosed(ChannelHandlerContext context) {
            status.complete(code);
            context.close();
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            status.completeExceptionally(cause);
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            status.completeExceptionally(new IOException("the stream ended early"));
        }
    }

    /** Answers a GET with a file, a chunk at a time. */
    private static final class FileHandler extends Http3RequestStreamInboundHandler {
        private final Path root;

        FileHandler(Path root) {
            this.root = root;
        }

        @Override
        protected void channelRead(ChannelHandlerContext context, Http3HeadersFrame frame) throws IOException {
            Path file = root.resolve(frame.headers().path().toString().substring(1));
            DefaultHttp3HeadersFrame answer = new DefaultHttp3HeadersFrame();
            if (!Files.isRegularFile(file)) {
                answer.headers().status("404");
                context.writeAndFlush(answer).addListener(QuicStreamChannel.SHUTDOWN_OUTPUT);
                return;
            }
            answer.headers().status("200").add("content-length", Long.toString(Files.size(file)));
            context.writeAndFlush(answer);
            sendNext(context, Files.newInputStream(file));
        }

        private static void sendNext(ChannelHandlerContext context, InputStream file) throws IOException {
            byte[] bytes = file.readNBytes(CHUNK);
            if (bytes.length == 0) {
                file.close();
                ((QuicStreamChannel) context.channel()).shutdownOutput();
                return;
            }
            ByteBuf chunk = context.alloc().buffer(bytes.length).writeBytes(bytes);
            ChannelFuture written = context.writeAndFlush(new DefaultHttp3DataFrame(chunk));
            written.addListener((ChannelFutureListener) done -> {
                if (done.isSuccess()) {
                    sendNext(context, file);
                } else {
                    file.close();
                }
            });
        }

        @Override
        protected void channelRead(ChannelHandlerContext context, Http3DataFrame frame) {
            frame.release();
        }

        @Override
        protected void channelInputClosed(ChannelHandlerContext context) {}
    }
}
