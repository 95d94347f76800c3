package dev.tokioj.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class MailboxTest {
    private static final class Letter extends Mailbox.Entry {
        final int sender;
        final int number;

        Letter(int sender, int number) {
            this.sender = sender;
            this.number = number;
        }

        @Override
        protected void deliver() {}
    }

    private final Mailbox mailbox = new Mailbox();

    private List<Integer> take() {
        List<Integer> numbers = new ArrayList<>();
        for (Mailbox.Entry entry = mailbox.takeAll(); entry != null; entry = entry.next) {
            numbers.add(((Letter) entry).number);
        }
        return numbers;
    }

    @Test
    void deliversInOrder() {
        assertNull(mailbox.takeAll());
        for (int i = 0; i < 5; i++) {
            assertFalse(mailbox.send(new Letter(0, i)), "an awake consumer is not woken");
        }
        assertEquals(List.of(0, 1, 2, 3, 4), take());
        assertNull(mailbox.takeAll());
    }

    @Test
    void tellsHowManyWait() {
        assertEquals(0, mailbox.depth(100));
        for (int i = 0; i < 5; i++) {
            mailbox.send(new Letter(0, i));
        }
        assertEquals(5, mailbox.depth(100));
        assertEquals(3, mailbox.depth(3));
        take();
        assertEquals(5, mailbox.taken());
        assertEquals(0, mailbox.depth(100));
        assertTrue(mailbox.sleep());
        assertEquals(0, mailbox.depth(100));
    }

    /** The walk may meet a chain that is being turned round, of entries that are sent again at once: it ends. */
    @Test
    void countingDisturbsNobodyAndEnds() throws Exception {
        int entries = 50;
        AtomicInteger rounds = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        Thread consumer = Thread.ofPlatform().start(() -> {
            List<Letter> letters = new ArrayList<>();
            for (int i = 0; i < entries; i++) {
                letters.add(new Letter(0, i));
            }
            while (rounds.get() < 20_000 || most.get() == 0) {
                letters.forEach(mailbox::send);
                assertEquals(entries, take().size());
                rounds.incrementAndGet();
            }
        });
        while (consumer.isAlive()) {
            most.accumulateAndGet(mailbox.depth(1000), Math::max);
        }
        assertTrue(rounds.get() >= 20_000, "the consumer failed in round " + rounds);
        assertTrue(most.get() > 0 && most.get() <= 1000, "counted " + most);
    }

    @Test
    void exactlyTheFirstSenderWakesASleeper() {
        assertTrue(mailbox.sleep());
        assertTrue(mailbox.send(new Letter(0, 0)));
        assertFalse(mailbox.send(new Letter(0, 1)));
        mailbox.awake();
        assertEquals(List.of(0, 1), take());
        assertFalse(mailbox.send(new Letter(0, 2)));
    }

    @Test
    void doesNotSleepOnMail() {
        assertFalse(mailbox.send(new Letter(0, 0)));
        assertFalse(mailbox.sleep());
        assertEquals(List.of(0), take());
        assertTrue(mailbox.sleep());
        mailbox.awake();
        assertFalse(mailbox.send(new Letter(0, 1)), "woken for another reason: nobody need wake it");
    }

    @Test
    void losesNothingAndKeepsEachSendersOrder() throws Exception {
        int senders = 4;
        int each = 50_000;
        CyclicBarrier start = new CyclicBarrier(senders + 1);
        List<Thread> threads = new ArrayList<>();
        for (int s = 0; s < senders; s++) {
            int sender = s;
            threads.add(Thread.ofPlatform().start(() -> {
                try {
                    start.await();
                } catch (Exception e) {
                    throw new IllegalStateException(e);
                }
                for (int i = 0; i < each; i++) {
                    mailbox.send(new Letter(sender, i));
                }
            }));
        }
        int[] next = new int[senders];
        start.await();
        int total = 0;
        while (total < senders * each) {
            for (Mailbox.Entry entry = mailbox.takeAll(); entry != null; entry = entry.next) {
                Letter letter = (Letter) entry;
                assertEquals(next[letter.sender]++, letter.number, "sender " + letter.sender);
                total++;
            }
        }
        for (Thread thread : threads) {
            thread.join();
        }
        assertNull(mailbox.takeAll());
    }
}
