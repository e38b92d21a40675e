/** What was put off: due timers are claimed in batches and run through the same path as events. */
@NullMarked
package io.throughline.journey.timer;

import org.jspecify.annotations.NullMarked;
