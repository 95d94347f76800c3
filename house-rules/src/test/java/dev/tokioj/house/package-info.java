/** What the compiler cannot refuse: the direction of the arrows between rooms, and the house rules a machine can see. */
@NullMarked
package dev.tokioj.house;

import org.jspecify.annotations.NullMarked;
