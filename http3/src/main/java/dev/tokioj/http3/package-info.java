@NullMarked
package dev.tokioj.http3;

import org.jspecify.annotations.NullMarked;
