package dev.tokioj.bench.stress;

import dev.tokioj.runtime.Mailbox;

/** An entry with a payload that is written plainly. */
final class Letter extends Mailbox.Entry {
    int payload;

    @Override
    protected void deliver() {}

    /** What is in the mailbox: -1 nothing, else the payloads, the oldest in the highest decimal place. */
    static int take(Mailbox mailbox) {
        int payloads = 0;
        Mailbox.Entry entry = mailbox.takeAll();
        if (entry == null) {
            return -1;
        }
        while (entry != null) {
            payloads = payloads * 10 + ((Letter) entry).payload;
            entry = entry.following();
        }
        return payloads;
    }
}
