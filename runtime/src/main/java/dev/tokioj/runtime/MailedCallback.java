package dev.tokioj.runtime;

/** A callback that another thread sends to a loop. */
final class MailedCallback extends Mailbox.Entry {
    private final Runnable body;

    MailedCallback(Runnable body) {
        this.body = body;
    }

    @Override
    protected void deliver() {
        body.run();
    }
}
