/** Next best channel: which of several a customer answers best. */
@NullMarked
package io.throughline.journey.choice;

import org.jspecify.annotations.NullMarked;
