@NullMarked
package dev.tokioj.tls;

import org.jspecify.annotations.NullMarked;
