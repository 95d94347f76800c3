/** What has to do with the machine's memory and not with the protocol. */
@NullMarked
package dev.tokioj.quic.memory;

import org.jspecify.annotations.NullMarked;
