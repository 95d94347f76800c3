/**
 * Channels: elements from many senders to many receivers ({@link dev.tokioj.runtime.channel.Channel}), once ({@link
 * dev.tokioj.runtime.channel.Oneshot}), to everybody ({@link dev.tokioj.runtime.channel.Broadcast}), or only the latest ({@link
 * dev.tokioj.runtime.channel.Watch}); and {@link dev.tokioj.runtime.channel.Select}, which waits for the first of several.
 *
 * <p>For all of them: any thread may call, virtual or platform, in a runtime or not. Callbacks of a loop may call what does not
 * wait ({@code try...}, {@code close}, {@code drainTo}); what waits throws {@link IllegalStateException} there if it would have to. Time
 * is that of the caller's runtime. An interrupt ends a wait with {@link InterruptedException}, and time with {@link
 * java.util.concurrent.TimeoutException}; both take and give nothing. After {@code close} senders get {@link
 * dev.tokioj.runtime.channel.ChannelClosedException}; receivers get what is left, and then it too.
 */
@NullMarked
package dev.tokioj.runtime.channel;

import org.jspecify.annotations.NullMarked;
