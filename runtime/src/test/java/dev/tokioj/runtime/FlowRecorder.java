package dev.tokioj.runtime;

import java.util.Objects;
import java.util.concurrent.Flow;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A subscriber that keeps its signals in order, each as an object: "subscribed", elements, the error, "complete".
 *
 * @param <T> the elements
 */
public final class FlowRecorder<T> implements Flow.Subscriber<T> {
    /** What has come and was not taken by {@link #next}. */
    public final LinkedBlockingQueue<Object> signals = new LinkedBlockingQueue<>();

    private volatile Flow.@Nullable Subscription subscription;

    /** Nothing has come yet. */
    public FlowRecorder() {}

    @Override
    public void onSubscribe(Flow.Subscription s) {
        subscription = s;
        signals.add("subscribed");
    }

    @Override
    public void onNext(T element) {
        signals.add(element);
    }

    @Override
    public void onError(Throwable e) {
        signals.add(e);
    }

    @Override
    public void onComplete() {
        signals.add("complete");
    }

    /** Its subscription, once it has one. */
    public Flow.Subscription subscription() {
        return Objects.requireNonNull(subscription);
    }

    /** Waits for the next signal. */
    public Object next() throws InterruptedException {
        return Objects.requireNonNull(signals.poll(20, TimeUnit.SECONDS), "no signal came");
    }
}
