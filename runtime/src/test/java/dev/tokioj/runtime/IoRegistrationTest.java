package dev.tokioj.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tokioj.runtime.linux.Libc;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.IllegalBlockingModeException;
import java.nio.channels.Pipe;
import java.nio.channels.SelectionKey;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** Channels and descriptors that tasks and callbacks wait for. */
@ParameterizedClass
@MethodSource("dev.tokioj.runtime.Combination#available")
@Timeout(30)
class IoRegistrationTest {
    private static final Duration LONG = Duration.ofSeconds(20);
    private static final int NONBLOCK_CLOEXEC = 0x800 | 0x80000;

    private final Combination combination;
    private AsyncRuntime runtime;
    private Pipe pipe;

    IoRegistrationTest(Combination combination) {
        this.combination = combination;
    }

    @BeforeEach
    void start() throws Exception {
        runtime = AsyncRuntime.start(combination.config().build());
        pipe = Pipe.open();
        pipe.source().configureBlocking(false);
        pipe.sink().configureBlocking(false);
    }

    @AfterEach
    void end() throws Exception {
        runtime.close();
        pipe.source().close();
        pipe.sink().close();
    }

    private int readOne() throws IOException {
        ByteBuffer one = ByteBuffer.allocate(1);
        return pipe.source().read(one) == 1 ? one.get(0) : -1;
    }

    private void send(int... bytes) throws IOException {
        ByteBuffer all = ByteBuffer.allocate(bytes.length);
        for (int each : bytes) {
            all.put((byte) each);
        }
        assertEquals(bytes.length, pipe.sink().write(all.flip()));
    }

    @Test
    void aTaskWaitsByLevelForAChannel() throws Exception {
        CompletableFuture<Thread> who = new CompletableFuture<>();
        Task<Integer> task = runtime.spawn(() -> {
            try (IoRegistration in = TokioJ.registerIo(pipe.source())) {
                who.complete(Thread.currentThread());
                int sum = 0;
                for (int i = 0; i < 3; i++) {
                    // Two of them lie there already: a wait by level sees what is left.
                    in.awaitReadable(LONG);
                    sum += readOne();
                }
                assertThrows(SocketTimeoutException.class, () -> in.awaitReadable(Duration.ofMillis(10)));
                return sum;
            }
        });
        Parked.await(who);
        send(1, 2, 3);
        assertEquals(6, task.join(LONG));
    }

    /** Another waits for the same, or has cleared it, before the one that was woken goes on: he was woken all the same. */
    @Test
    void whoWasWokenGoesOnWhoeverComesBetween() throws Exception {
        assumeTrue(combination.onLoop());
        IoSide side = new IoSide("a read of", "the test");
        EventLoop loop = runtime.loops().get(0);
        CompletableFuture<Thread> who = new CompletableFuture<>();
        Task<Boolean> first = loop.spawn(SpawnOptions.DEFAULT, () -> {
            who.complete(Thread.currentThread());
            side.await(null, Long.MAX_VALUE);
            return true;
        });
        Parked.await(who);
        loop.execute(() -> {
            side.signal(IoSide.READY);
            side.clear(); // as a second waiter does first
        });
        assertTrue(first.join(LONG));
    }

    @Test
    void atTheEndOfTheRuntimeOneThatFailsDoesNotKeepTheOthersOpen() throws Exception {
        EventLoop loop = runtime.loops().iterator().next();
        Pipe other = Pipe.open();
        try (Pipe.SourceChannel source = other.source();
                Pipe.SinkChannel sink = other.sink()) {
            source.configureBlocking(false);
            IoRegistration waited = IoRegistration.open(loop, pipe.source(), "the pipe", () -> {});
            IoRegistration failing = IoRegistration.open(loop, source, "the other pipe", () -> {
                throw new IllegalStateException("expected by the test");
            });
            CompletableFuture<Thread> who = new CompletableFuture<>();
            CompletableFuture<@Nullable Void> seen = new CompletableFuture<>();
            Thread.startVirtualThread(() -> {
                who.complete(Thread.currentThread());
                try {
                    waited.awaitReadable();
                    seen.complete(null);
                } catch (Throwable e) {
                    seen.completeExceptionally(e);
                }
            });
            Parked.await(who);
            runtime.close();
            ExecutionException e = assertThrows(ExecutionException.class, () -> seen.get(20, TimeUnit.SECONDS));
            assertInstanceOf(IoClosedException.class, e.getCause());
            assertThrows(IoClosedException.class, failing::checkOpen);
            assertTrue(sink.isOpen());
        }
    }

    @Test
    void readerAndWriterWaitApart() throws Exception {
        try (ServerSocketChannel listener = ServerSocketChannel.open();
                SocketChannel near = SocketChannel.open()) {
            listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            near.connect(listener.getLocalAddress());
            try (SocketChannel far = listener.accept()) {
                near.configureBlocking(false);
                IoRegistration both = runtime.registerIo(near);
                while (near.write(ByteBuffer.allocate(1 << 20)) > 0) {
                    assertTrue(near.isOpen());
                }
                CompletableFuture<Thread> reading = new CompletableFuture<>();
                CompletableFuture<Thread> writing = new CompletableFuture<>();
                Task<?> reader = runtime.spawn(() -> {
                    reading.complete(Thread.currentThread());
                    both.awaitReadable();
                });
                Task<?> writer = runtime.spawn(() -> {
                    writing.complete(Thread.currentThread());
                    both.awaitWritable();
                });
                Parked.await(reading);
                Parked.await(writing);
                far.write(ByteBuffer.allocate(1));
                reader.join(LONG);
                assertFalse(writer.isDone());
                far.configureBlocking(false);
                while (!writer.isDone()) {
                    assertTrue(far.read(ByteBuffer.allocate(1 << 20)) >= 0);
                }
                writer.join(LONG);
                both.close();
            }
        }
    }

    @Test
    void closingWakesWhoWaitsWithATypedError() throws Exception {
        IoRegistration in = runtime.registerIo(pipe.source());
        CompletableFuture<Thread> who = new CompletableFuture<>();
        Task<?> task = runtime.spawn(() -> {
            who.complete(Thread.currentThread());
            in.awaitReadable();
        });
        Parked.await(who);
        assertThrows(IllegalStateException.class, in::awaitReadable);
        in.close();
        assertThrows(IoClosedException.class, () -> task.join(LONG));
        assertThrows(IoClosedException.class, in::awaitWritable);
        in.close();
        // The channel is ours still.
        send(5);
        assertEquals(5, readOne());
        IoRegistration last = runtime.registerIo(pipe.source());
        Task<?> foreign = runtime.spawn(() -> last.awaitReadable());
        foreign.cancel();
        assertThrows(Exception.class, () -> foreign.join(LONG));
        runtime.close();
        assertThrows(IoClosedException.class, last::awaitReadable);
    }

    @Test
    void aChannelMayBeRegisteredAgainAtOnce() throws Exception {
        EventLoop loop = runtime.loops().get(0);
        for (int i = 0; i < 100; i++) {
            IoRegistration in = IoRegistration.open(loop, pipe.source(), pipe.source(), () -> {});
            in.close();
        }
        IoRegistration last = IoRegistration.open(loop, pipe.source(), pipe.source(), () -> {});
        send(3);
        last.awaitReadable(LONG);
        assertEquals(3, readOne());
    }

    @Test
    void anInterruptLeavesItAsItIs() throws Exception {
        IoRegistration in = runtime.registerIo(pipe.source());
        CompletableFuture<Thread> who = new CompletableFuture<>();
        Task<Integer> task = runtime.spawn(() -> {
            who.complete(Thread.currentThread());
            assertThrows(InterruptedIOException.class, in::awaitReadable);
            assertTrue(Thread.interrupted());
            send(8);
            in.awaitReadable(LONG);
            return readOne();
        });
        Parked.await(who);
        who.get().interrupt();
        assertEquals(8, task.join(LONG));
    }

    @Test
    void callbacksHearOfItAsOftenAsTheyWant() throws Exception {
        IoRegistration in = runtime.registerIo(pipe.source());
        LinkedBlockingQueue<Integer> heard = new LinkedBlockingQueue<>();
        AtomicInteger offLoop = new AtomicInteger();
        Poller.Handler handler = ready -> {
            if (!(Thread.currentThread() instanceof LoopThread)) {
                offLoop.incrementAndGet();
            }
            try {
                heard.add(readOne());
            } catch (IOException e) {
                heard.add(-2);
            }
        };
        in.listenOnce(Poller.READ, handler);
        send(1, 2);
        assertEquals(1, heard.poll(20, TimeUnit.SECONDS));
        // The second byte is there and nobody asked.
        AtomicInteger turns = new AtomicInteger();
        CompletableFuture<Boolean> later = new CompletableFuture<>();
        countTurns(turns, later);
        later.get(20, TimeUnit.SECONDS);
        assertTrue(heard.isEmpty());
        in.interest(Poller.READ);
        assertEquals(2, heard.poll(20, TimeUnit.SECONDS));
        in.listen(Poller.READ, handler);
        send(3, 4);
        assertEquals(3, heard.poll(20, TimeUnit.SECONDS));
        assertEquals(4, heard.poll(20, TimeUnit.SECONDS));
        in.interest(0);
        in.close();
        assertEquals(0, offLoop.get());
    }

    private void countTurns(AtomicInteger turns, CompletableFuture<Boolean> done) {
        runtime.loops().get(0).execute(() -> {
            if (turns.incrementAndGet() < 50) {
                countTurns(turns, done);
            } else {
                done.complete(true);
            }
        });
    }

    @Test
    void aBlockingChannelIsRefused() throws Exception {
        pipe.source().configureBlocking(true);
        assertThrows(IllegalBlockingModeException.class, () -> runtime.registerIo(pipe.source()));
    }

    @Test
    void descriptorsNeedEpoll() throws Exception {
        if (combination.config().build().poller() == Poller.Kind.NIO) {
            UnsupportedOperationException e =
                    assertThrows(UnsupportedOperationException.class, () -> runtime.registerIo(0));
            assertTrue(String.valueOf(e.getMessage()).contains("EPOLL"), e.toString());
            return;
        }
        try (Arena arena = Arena.ofShared()) {
            MemorySegment errno = Libc.newErrno(arena);
            int fd = Libc.eventfd(errno, 0, NONBLOCK_CLOEXEC);
            IoRegistration in = runtime.registerIo(fd);
            in.awaitWritable(LONG);
            CompletableFuture<Thread> who = new CompletableFuture<>();
            Task<?> task = runtime.spawn(() -> {
                who.complete(Thread.currentThread());
                in.awaitReadable();
                // By level: nobody has taken it.
                in.awaitReadable();
            });
            Parked.await(who);
            Libc.notify(fd);
            task.join(LONG);
            // Ready and nobody waits: the loop sleeps all the same.
            EventLoop loop = runtime.loops().get(0);
            long sleeps = loop.sleeps() + runtime.loops().get(1).sleeps();
            loop.execute(() -> {});
            while (loop.sleeps() + runtime.loops().get(1).sleeps() == sleeps) {
                Thread.onSpinWait();
            }
            in.close();
            Libc.close(errno, fd);
        }
    }

    @Test
    void aDescriptorThatCannotBeWaitedForIsToldByTheFirstWait() throws Exception {
        assumeTrue(combination.config().build().poller() == Poller.Kind.EPOLL);
        IoRegistration none = runtime.registerIo(1_000_000);
        IOException e = assertThrows(IOException.class, none::awaitReadable);
        assertTrue(String.valueOf(e.getMessage()).contains("EBADF"), e.toString());
    }

    @Test
    void aLostSelectorWakesWhoWaitsAndTheNextChannelGetsAnother() throws Exception {
        assumeTrue(combination.config().build().poller() == Poller.Kind.EPOLL);
        EventLoop loop = runtime.loops().get(0);
        IoRegistration in = IoRegistration.open(loop, pipe.source(), pipe.source(), () -> {});
        CompletableFuture<Thread> who = new CompletableFuture<>();
        Task<?> task = runtime.spawn(() -> {
            who.complete(Thread.currentThread());
            in.awaitReadable(LONG);
        });
        Parked.await(who);
        ChannelSelector dead = loop.io.selector();
        CompletableFuture<Boolean> armed = new CompletableFuture<>();
        // In line behind what the waiter asked for, which goes by the loop.
        loop.execute(() -> dead.execute(() -> armed.complete(true)));
        armed.get(20, TimeUnit.SECONDS);
        dead.poller.close();
        IoClosedException e = assertThrows(IoClosedException.class, () -> task.join(LONG));
        assertTrue(e.getMessage().contains("selector"), e.toString());
        // What is given to it is done all the same.
        CompletableFuture<Boolean> heir = new CompletableFuture<>();
        dead.execute(() -> heir.complete(loop.inLoop()));
        assertTrue(heir.get(20, TimeUnit.SECONDS));
        IoRegistration next = IoRegistration.open(loop, pipe.source(), pipe.source(), () -> {});
        send(4);
        next.awaitReadable(LONG);
        assertEquals(4, readOne());
    }

    @Test
    void aSelectorThatFailsInEveryPollIsLostAfterAFewAndTheNextChannelGetsAnother() throws Exception {
        assumeTrue(combination.config().build().poller() == Poller.Kind.EPOLL);
        EventLoop loop = runtime.loops().get(0);
        IoRegistration in = IoRegistration.open(loop, pipe.source(), pipe.source(), () -> {});
        CompletableFuture<Thread> who = new CompletableFuture<>();
        Task<?> task = runtime.spawn(() -> {
            who.complete(Thread.currentThread());
            in.awaitReadable(LONG);
        });
        Parked.await(who);
        Pipe poison = Pipe.open();
        try {
            poison.source().configureBlocking(false);
            poison.sink().write(ByteBuffer.allocate(1));
            ChannelSelector bad = loop.io.selector();
            // Ready, stays ready, and is none of ours: every poll stumbles over it.
            bad.execute(() -> {
                try {
                    poison.source().register(bad.poller.selector, SelectionKey.OP_READ, "of no use");
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
            IoClosedException e = assertThrows(IoClosedException.class, () -> task.join(LONG));
            assertTrue(e.getMessage().contains("selector"), e.toString());
            assertNotSame(bad, loop.io.selector());
            IoRegistration next = IoRegistration.open(loop, pipe.source(), pipe.source(), () -> {});
            send(4);
            next.awaitReadable(LONG);
            assertEquals(4, readOne());
        } finally {
            poison.source().close();
            poison.sink().close();
        }
    }

    @Test
    void aLoopFindsItsSelectorWhateverATaskHolds() throws Exception {
        assumeTrue(combination.config().build().poller() == Poller.Kind.EPOLL);
        EventLoop loop = runtime.loops().get(0);
        CompletableFuture<Thread> who = new CompletableFuture<>();
        Task<?> holder = loop.spawn(Priority.NORMAL, "holder", () -> {
            synchronized (loop.io) {
                who.complete(Thread.currentThread());
                TokioJ.sleep(LONG);
            }
            return null;
        });
        Parked.await(who);
        CompletableFuture<ChannelSelector> found = new CompletableFuture<>();
        loop.execute(() -> {
            try {
                found.complete(loop.io.selector());
            } catch (IOException e) {
                found.completeExceptionally(e);
            }
        });
        assertSame(loop.io.selector(), found.get(20, TimeUnit.SECONDS));
        holder.cancel();
    }

    @Test
    void whoAsksTogetherGetsTheSameSelectorAndAnEndedLoopGivesNone() throws Exception {
        assumeTrue(combination.config().build().poller() == Poller.Kind.EPOLL);
        EventLoop loop = runtime.loops().get(0);
        List<CompletableFuture<ChannelSelector>> found = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            found.add(CompletableFuture.supplyAsync(() -> {
                try {
                    return loop.io.selector();
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }));
        }
        for (CompletableFuture<ChannelSelector> each : found) {
            assertSame(loop.io.selector(), each.get(20, TimeUnit.SECONDS));
        }
        runtime.close();
        assertThrows(IoClosedException.class, loop.io::selector);
    }
}
