@NullMarked
package dev.tokioj.quic.wire;

import org.jspecify.annotations.NullMarked;
